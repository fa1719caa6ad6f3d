import type { SqlStatement } from '../database/database-pool.js';

export const CONSUMER = 'delivery';

/** Takes events that delivery has not seen, oldest first, past those another process is taking. $1: how many. */
export const takeEventsStatement: SqlStatement = {
  name: 'take_pending_events',
  text: `
select event.id, event.organisation_id, event.type, event.record_type, event.record_id, event.snapshot,
       event.traceparent
  from event_pending
  join event on event.id = event_pending.event_id
 where event_pending.consumer = '${CONSUMER}'
 order by event_pending.event_id
 limit $1::integer
   for update of event_pending skip locked`,
};

export interface PendingEventRow {
  id: number;
  organisation_id: number;
  type: string;
  record_type: string;
  record_id: number;
  snapshot: Record<string, unknown>;
  /** Of the request it came from, where traces are on. */
  traceparent: string | null;
}

/**
 * The webhooks that may fire for these organisations ($1) at this moment. The lock lets a deletion wait
 * until the deliveries are there to be cancelled; without it they would stay in progress for ever.
 */
export const enabledWebhooksStatement: SqlStatement = {
  name: 'enabled_webhooks',
  text: `
select webhook.id, webhook.organisation_id, webhook.trigger
  from webhook
  join organisation on organisation.id = webhook.organisation_id
 where webhook.organisation_id = any($1::bigint[]) and webhook.enabled and webhook.deleted_at is null
   and organisation.plan <> 'basic'
 order by webhook.id
   for share of webhook`,
};

/**
 * Makes deliveries, each with its one event and its first attempt due at once. Parallel arrays, one
 * entry a delivery: $1 event, $2 organisation, $3 webhook, $4 listening post, $5 record type, $6 record,
 * $7 ticket, $8 test, $9 traceparent. The numbers are drawn before the inserts (materialized), because a volatile
 * function in an inlined subquery would be called anew for each table.
 */
export const createDeliveriesStatement: SqlStatement = {
  name: 'create_deliveries',
  text: `
with numbered as materialized (
  select next_delivery_id() as id, wanted.*
    from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[],
                $8::boolean[], $9::text[])
      as wanted(event_id, organisation_id, webhook_id, listening_post, record_type, record_id, ticket_id, test,
                traceparent)
),
made as (
  insert into delivery (id, organisation_id, webhook_id, test, listening_post, record_type, record_id, ticket_id,
                        traceparent)
  select id, organisation_id, webhook_id, test, listening_post, record_type, record_id, ticket_id, traceparent
    from numbered
),
told as (
  insert into delivery_event (delivery_id, position, organisation_id, event_id)
  select id, 0, organisation_id, event_id from numbered
),
due as (
  insert into due_attempt (delivery_id, kind, organisation_id, webhook_id, test, due_at, number)
  select id, 'automatic', organisation_id, webhook_id, test, clock_timestamp(), 1 from numbered
)
select id from numbered order by id`,
};

/** Forgets that these events ($1) were pending: their deliveries stand in the same transaction. */
export const eventsDispatchedStatement: SqlStatement = {
  name: 'events_dispatched',
  text: `delete from event_pending where consumer = '${CONSUMER}' and event_id = any($1::bigint[])`,
};
