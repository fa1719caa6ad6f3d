import { Module } from '@nestjs/common';
import { DeliveriesController } from './deliveries.controller.js';
import { DeliveryLog } from './delivery-log.js';
import { LogPanels } from './panels.js';
import { TroubleReport } from './trouble.js';
import { WebhookLogController } from './webhook-log.controller.js';

@Module({
  controllers: [WebhookLogController, DeliveriesController],
  providers: [DeliveryLog, LogPanels, TroubleReport],
})
export class WebhookLogModule {}
