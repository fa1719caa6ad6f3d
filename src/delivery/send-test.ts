import type { EntityManager } from '@mikro-orm/postgresql';
import type { Outbox } from '../outbox/outbox.js';
import type { RecordCatalogue } from '../records/record-catalogue.js';
import type { Webhook } from '../webhooks/webhook.entity.js';

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
  for (;;) {
    const rows = await em.execute<{ id: string }[]>(
      `with made as (
         insert into delivery (id, organisation_id, webhook_id, test, listening_post, record_type, record_id, ticket_id)
         values (next_delivery_id(), ?, ?, true, ?, ?, ?, ?)
             on conflict do nothing returning id, organisation_id, webhook_id),
       told as (
         insert into delivery_event (delivery_id, position, organisation_id, event_id)
         select id, 0, organisation_id, ?::bigint from made),
       due as (
         insert into due_attempt (delivery_id, kind, organisation_id, webhook_id, test, due_at, number)
         select id, 'automatic', organisation_id, webhook_id, true, clock_timestamp(), 1 from made)
       select id from made`,
      [organisationId, webhook.id, listeningPost, type.name, NO_RECORD, ticketId, eventId],
    );
    // None when another delivery drew the same number: draw again.
    if (rows[0]) {
      return Number(rows[0].id);
    }
  }
}

/** The sample is one that the webhook's own conditions would let through. */
function conditionValues(webhook: Webhook): Record<string, unknown> {
  return Object.fromEntries(
    webhook.trigger.conditions
      .filter((condition) => condition.operator === 'equals')
      .map(({ field, value }) => [field, value]),
  );
}
