import type { EntityManager } from '@mikro-orm/postgresql';
import type { Outbox } from '../outbox/outbox.js';
import type { RecordCatalogue } from '../records/record-catalogue.js';
import type { Webhook } from '../webhooks/webhook.entity.js';
import { insertDeliveries } from './insert-deliveries.js';

/** No record has this number. */
const NO_RECORD = 0;

/**
 * Makes a delivery of a sample record to this webhook, marked as a test; run it in a transaction. It goes
 * the way of every delivery, and is sent while the webhook is off too. Answers the delivery's number.
 */
export async function sendTest(
  em: EntityManager,
  outbox: Outbox,
  records: RecordCatalogue,
  webhook: Webhook,
): Promise<number> {
  // A deletion waits until there is something to cancel, as with every other delivery.
  await em.execute('select 1 from webhook where id = ? for share', [webhook.id]);
  const type = records.typeOf(webhook.trigger.recordType);
  const snapshot = { ...type.sample(), ...conditionValues(webhook) };
  const { listeningPost, ticketId } = type.references(snapshot);
  const { organisationId } = webhook;
  const event = { organisationId, type: 'webhook.tested', recordType: type.name, recordId: NO_RECORD, snapshot };
  const eventId = await outbox.recordUnannounced(em, event);
  const [id] = await insertDeliveries(em, [
    {
      eventId,
      organisationId,
      webhookId: webhook.id,
      listeningPost,
      recordType: type.name,
      recordId: NO_RECORD,
      ticketId,
      test: true,
      traceparent: null,
    },
  ]);
  return id!;
}

/** The sample is one that the webhook's own conditions would let through. */
function conditionValues(webhook: Webhook): Record<string, unknown> {
  return Object.fromEntries(
    webhook.trigger.conditions
      .filter((condition) => condition.operator === 'equals')
      .map(({ field, value }) => [field, value]),
  );
}
