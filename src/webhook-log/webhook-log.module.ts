import { Module } from '@nestjs/common';
import { DeliveriesController } from './deliveries.controller.js';
import { DeliveryLog } from './delivery-log.js';
import { WebhookLogController } from './webhook-log.controller.js';

@Module({ controllers: [WebhookLogController, DeliveriesController], providers: [DeliveryLog] })
export class WebhookLogModule {}
