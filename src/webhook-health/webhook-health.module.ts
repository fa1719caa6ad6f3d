import { Module } from '@nestjs/common';
import { AutomaticSwitchOff } from './automatic-switch-off.js';
import { TroubleNotices } from './trouble-notices.js';
import { WebhookController } from './webhook.controller.js';
import { WebhookHealth } from './webhook-health.js';

@Module({
  controllers: [WebhookController],
  providers: [WebhookHealth, AutomaticSwitchOff, TroubleNotices],
  exports: [WebhookHealth],
})
export class WebhookHealthModule {}
