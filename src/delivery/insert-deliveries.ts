import type { EntityManager } from '@mikro-orm/postgresql';
import type { NewDelivery } from './dispatch.js';

/**
 * Makes deliveries within a use case's own transaction, each with its one event and its first attempt due at once.
 * Answers their numbers. The dispatcher, which makes many more, has a statement of its own.
 */
export async function insertDeliveries(em: EntityManager, deliveries: readonly NewDelivery[]): Promise<number[]> {
  const ids: number[] = [];
  let left = [...deliveries];
  while (left.length > 0) {
    const made = await em.execute<{ id: string; position: number }[]>(insertDeliveriesSql, [
      JSON.stringify(left.map((delivery, position) => ({ ...delivery, position }))),
    ]);
    ids.push(...made.map(({ id }) => Number(id)));
    const positions = new Set(made.map(({ position }) => position));
    // What another delivery's number was drawn for draws again.
    left = left.filter((_, position) => !positions.has(position));
  }
  return ids;
}

/** The numbers are drawn before the inserts (materialized): a volatile function would be called anew for each table. */
export const insertDeliveriesSql = `
with numbered as materialized (
  select next_delivery_id() as id, wanted.*
    from json_to_recordset(?::json) as wanted("eventId" bigint, "organisationId" bigint, "webhookId" bigint,
         "listeningPost" text, "recordType" text, "recordId" bigint, "ticketId" text, test boolean, traceparent text, position integer)
),
made as (
  insert into delivery (id, organisation_id, webhook_id, test, listening_post, record_type, record_id, ticket_id,
                        traceparent)
  select id, "organisationId", "webhookId", test, "listeningPost", "recordType", "recordId", "ticketId", traceparent
    from numbered
      on conflict do nothing
  returning id
),
told as (
  insert into delivery_event (delivery_id, position, organisation_id, event_id)
  select id, 0, "organisationId", "eventId" from numbered join made using (id)
),
due as (
  insert into due_attempt (delivery_id, kind, organisation_id, webhook_id, test, due_at, number)
  select id, 'automatic', "organisationId", "webhookId", test, clock_timestamp(), 1 from numbered join made using (id)
)
select id, position from numbered join made using (id) order by position`;
