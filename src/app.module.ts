import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AccountsModule } from './accounts/accounts.module.js';
import { AnsweringModule } from './answering/answering.module.js';
import { ApiDescriptionModule } from './api-description/api-description.module.js';
import { ConfigModule } from './config/config.module.js';
import type { Environment } from './config/environment.js';
import { KeyringModule } from './config/keyring.module.js';
import { DatabaseModule } from './database/database.module.js';
import { DeliveryModule } from './delivery/delivery.module.js';
import { DirectoryModule } from './directory/directory.module.js';
import { InsightsModule } from './insights/insights.module.js';
import { IntegrationPreferencesModule } from './integration-preferences/integration-preferences.module.js';
import { InvitationsModule } from './invitations/invitations.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { OutboundModule, type CallableNetwork } from './outbound/outbound.module.js';
import { OutboxModule } from './outbox/outbox.module.js';
import { PreferencesModule } from './preferences/preferences.module.js';
import { ReceiverModule } from './receiver/receiver.module.js';
import { RecordsModule } from './records/records.module.js';
import { ResponsesModule } from './responses/responses.module.js';
import { ServiceRecoveryModule } from './service-recovery/service-recovery.module.js';
import { SurveysModule } from './surveys/surveys.module.js';
import { HealthModule } from './web/health.module.js';
import { MetricsModule } from './web/metrics.module.js';
import { TracesModule } from './web/traces.module.js';
import { PanelsModule } from './web/panels.module.js';
import { WebhookHealthModule } from './webhook-health/webhook-health.module.js';
import { WebhookLogModule } from './webhook-log/webhook-log.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

/** What the application runs on, settled before Nest starts. */
export interface Ground {
  environment: Environment;
  /** The database under the app's own role. */
  databaseUrl: string;
  /** As in ENCRYPTION_KEYS. */
  keyringSource: string;
  /** Tests only: names and certificate authorities of their own. Nothing that is set or typed leads here. */
  network?: CallableNetwork;
}

/** The table of contents, in reading order. */
@Module({})
export class AppModule {
  static with({ environment, databaseUrl, keyringSource, network }: Ground): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(environment),
        KeyringModule.with(keyringSource),
        DatabaseModule.with(databaseUrl),
        ScheduleModule.forRoot(),
        HealthModule,
        MetricsModule,
        TracesModule,
        PanelsModule,
        RecordsModule,
        OutboxModule,
        AccountsModule,
        DirectoryModule,
        SurveysModule,
        InvitationsModule,
        ResponsesModule,
        OutboundModule.with(network),
        NotificationsModule,
        WebhooksModule,
        DeliveryModule,
        WebhookHealthModule,
        PreferencesModule,
        IntegrationPreferencesModule,
        WebhookLogModule,
        AnsweringModule,
        ServiceRecoveryModule,
        InsightsModule,
        ReceiverModule,
        ApiDescriptionModule,
      ],
    };
  }
}
