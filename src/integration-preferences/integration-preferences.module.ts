import { Module } from '@nestjs/common';
import { IntegrationController } from './integration.controller.js';
import { IntegrationPreferencesController } from './preferences.controller.js';
import { IntegrationPage } from './integration-page.js';
import { SurveyWebhookDescription } from './survey-webhook-description.js';
import { WebhookHealthModule } from '../webhook-health/webhook-health.module.js';
import { SurveyWebhooks } from './survey-webhooks.js';

@Module({
  imports: [WebhookHealthModule],
  controllers: [IntegrationPreferencesController, IntegrationController],
  providers: [SurveyWebhooks, SurveyWebhookDescription, IntegrationPage],
})
export class IntegrationPreferencesModule {}
