import { Module } from '@nestjs/common';
import { BulkRedeliveries } from './bulk-redeliveries.js';
import { DeliveriesController } from './deliveries.controller.js';
import { DeliveryLog } from './delivery-log.js';
import { LogPanels } from './panels.js';
import { RedeliveriesController } from './redeliveries.controller.js';
import { RedeliveriesPageController } from './redeliveries-page.controller.js';
import { TroubleReport } from './trouble.js';
import { WebhookLogController } from './webhook-log.controller.js';

@Module({
  controllers: [WebhookLogController, DeliveriesController, RedeliveriesController, RedeliveriesPageController],
  providers: [DeliveryLog, BulkRedeliveries, LogPanels, TroubleReport],
})
export class WebhookLogModule {}
