import type { SqlStatement } from '../database/database-pool.js';
import { foundBy } from '../database/found-by.js';
import type { Trigger } from '../webhooks/webhook-definition.js';

export const CONSUMER = 'delivery';

/**
 * Events that delivery has not seen, oldest first: at most so many ($1) behind a number ($2). Another process may be
 * dispatching them already. Rows of their own name the webhooks that may fire for them: those of their organisations that are
 * on. Whatever was on when an event was committed, and still is, is among them.
 */
export const pendingEventsStatement: SqlStatement = {
  name: 'pending_events',
  text: `
with pending as materialized (
  select event.id, event.organisation_id, event.type, event.record_type, event.record_id, event.snapshot,
         event.traceparent
    from event_pending
    join event on ${foundBy('event.id', 'event_pending.event_id')}
   where event_pending.consumer = '${CONSUMER}' and event_pending.event_id > $2::bigint
   order by event_pending.event_id
   limit $1::integer
)
select pending.*, null::bigint as webhook_id, null::jsonb as trigger
  from pending
 union all
select null, webhook.organisation_id, null, null, null, null, null, webhook.id, webhook.trigger
  from (select distinct organisation_id from pending) as wanted
  join webhook on ${foundBy('webhook.organisation_id', 'wanted.organisation_id')}
  join organisation on organisation.id = webhook.organisation_id
 where webhook.enabled and webhook.deleted_at is null and organisation.plan <> 'basic'`,
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

/** A webhook in a row of pendingEventsStatement; an event's has no webhook_id. */
export interface FiringWebhookRow {
  webhook_id: number;
  organisation_id: number;
  trigger: Trigger;
}

/**
 * Makes deliveries of events that are still pending, each with its one event and its first attempt due at once, and forgets
 * that they were pending. $1: the events; then parallel arrays, one entry a delivery: $2 event, $3 organisation, $4 webhook,
 * $5 listening post, $6 record type, $7 record, $8 ticket, $9 traceparent. Answers the events that it took, each with its
 * deliveries: a row for each, or one with a null delivery_id.
 *
 * Where a claim id is given ($10), it claims at once what it makes, as claimStatement would: $11 seconds that a lease is
 * longer than the webhook's deadline, $12 free slots, $13, $14 webhooks and how many more calls each may have, $15 how many
 * all others.
 *
 * - What another process is taking at this moment is left to that one (`free`).
 * - What was switched off or deleted since it was read gets none. The lock of `firm` lets a deletion wait until the
 *   deliveries are there to be cancelled; without it they would stay in progress for ever.
 * - Nobody waits until its commit is on the disk (`unhurried`), and still no call is made before it is: what the call sends is
 *   kept first, and that commit, which is waited for, stands behind this one in PostgreSQL's log. Where a crash takes this one
 *   away, the events are pending as before.
 * - The numbers are drawn before the inserts (materialized), because a volatile function in an inlined subquery would be
 *   called anew for each table.
 */
export const dispatchStatement: SqlStatement = {
  name: 'dispatch_events',
  text: `
with unhurried as materialized (
  select set_config('synchronous_commit', 'off', true)
),
free as materialized (
  select consumer, event_id
    from event_pending
   where consumer = '${CONSUMER}' and event_id = any($1::bigint[])
   order by event_id
     for update skip locked
),
taken as (
  delete from event_pending using free
   where ${foundBy('event_pending.consumer', 'free.consumer')}
     and ${foundBy('event_pending.event_id', 'free.event_id')}
),
firm as materialized (
  select webhook.id, webhook.version, (webhook.policy ->> 'timeoutSeconds')::double precision as deadline,
         case when $10::uuid is null then 0
              when exists (select from webhook_trouble where webhook_id = webhook.id and open_until is not null) then 0
              else least(coalesce(allowed.calls, $15::integer), webhook.maximum_concurrency - (
                select count(*) from due_attempt busy
                 where busy.webhook_id = webhook.id and busy.claim_id is not null)) end as free
    from webhook
    join organisation on organisation.id = webhook.organisation_id
    left join unnest($13::bigint[], $14::integer[]) as allowed(webhook_id, calls) on allowed.webhook_id = webhook.id
   where webhook.id = any($4::bigint[]) and webhook.enabled and webhook.deleted_at is null
     and organisation.plan <> 'basic'
   order by webhook.id
     for share of webhook
),
numbered as materialized (
  select next_delivery_id() as id, dealt.*,
         turn <= free and row_number() over (order by turn, event_id) <= $12::integer as claimed
    from (
      select wanted.*, firm.version, firm.deadline, firm.free,
             row_number() over (partition by wanted.webhook_id order by wanted.event_id) as turn
        from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[])
          as wanted(event_id, organisation_id, webhook_id, listening_post, record_type, record_id, ticket_id, traceparent)
        join firm on firm.id = wanted.webhook_id
       where event_id in (select event_id from free)) dealt
),
made as (
  insert into delivery (id, organisation_id, webhook_id, test, listening_post, record_type, record_id, ticket_id,
                        traceparent)
  select id, organisation_id, webhook_id, false, listening_post, record_type, record_id, ticket_id, traceparent
    from numbered
),
told as (
  insert into delivery_event (delivery_id, position, organisation_id, event_id)
  select id, 0, organisation_id, event_id from numbered
),
due as (
  insert into due_attempt (delivery_id, kind, organisation_id, webhook_id, test, due_at, number, claim_id, claimed_at,
                           claimed_until)
  select id, 'automatic', organisation_id, webhook_id, false, clock_timestamp(), 1,
         case when claimed then $10::uuid end, case when claimed then clock_timestamp() end,
         case when claimed then clock_timestamp() + make_interval(secs => deadline + $11::double precision) end
    from numbered
)
select free.event_id, numbered.id as delivery_id, organisation_id, webhook_id, version as webhook_version, deadline,
       claimed
  from unhurried
 cross join free
  left join numbered using (event_id)`,
};

export interface DispatchedRow {
  event_id: number;
  delivery_id: number | null;
  organisation_id: number;
  webhook_id: number;
  webhook_version: number;
  deadline: number;
  claimed: boolean;
}
