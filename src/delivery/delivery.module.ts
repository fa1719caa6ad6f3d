import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { Outbox } from '../outbox/outbox.js';
import { HealthChecks } from '../web/health.controller.js';
import { BulkRedeliverer } from './bulk-redeliverer.js';
import { BulkRedelivery } from './bulk-redelivery.entity.js';
import { Calls } from './calls.js';
import { Claimer } from './claim.js';
import { Deliverer } from './deliver.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { DeliveryLoop } from './delivery-loop.js';
import { Dispatcher } from './dispatch.js';
import { CONSUMER } from './dispatch.sql.js';
import { FreshEvents } from './fresh-events.js';
import { TroubleNotes } from './note-trouble.js';
import { Partitions } from './partitions.js';
import { Preparer } from './prepare.js';
import { AttemptRecorder } from './record-attempt.js';
import { Rescuer } from './rescue.js';
import { Retention } from './retention.js';
import { WebhookSettingsReader } from './webhook-settings.js';

/** The steps in the order in which a delivery meets them. */
@Module({
  imports: [MikroOrmModule.forFeature([BulkRedelivery])],
  providers: [
    DeliveryLoop,
    Dispatcher,
    FreshEvents,
    Claimer,
    Preparer,
    WebhookSettingsReader,
    Calls,
    Deliverer,
    AttemptRecorder,
    TroubleNotes,
    Rescuer,
    BulkRedeliverer,
    Partitions,
    Retention,
    DeliveryMetrics,
  ],
  exports: [DeliveryLoop],
})
export class DeliveryModule {
  constructor(outbox: Outbox, health: HealthChecks, loop: DeliveryLoop, partitions: Partitions) {
    outbox.registerConsumer(CONSUMER);
    health.register('delivery', () =>
      loop.isAlive ? null : 'The delivery loop has not come round for half a minute.',
    );
    health.register('partitions', () => partitions.problem());
  }
}
