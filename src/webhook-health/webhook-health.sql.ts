import type { SqlStatement } from '../database/database-pool.js';

/** What is due is counted up to here, and the newest deliveries are looked through as far. */
export const LOOKED_AT = 1_000;

/**
 * How a webhook ($2) of an organisation ($1) is doing. Bounded wherever a log or a queue can be long: the
 * newest deliveries by one index, and of what is due no more than people want to know.
 */
export const webhookHealthStatement: SqlStatement = {
  name: 'webhook_health',
  text: `
with newest as materialized (
  select id, test, last_outcome, last_response_code, last_activity_at,
         automatic_attempts + manual_attempts + interrupted_attempts as last_number
    from delivery
   where organisation_id = $1 and webhook_id = $2
   order by id desc
   limit ${LOOKED_AT}),
success as (
  select * from newest where last_outcome = 'succeeded' order by last_activity_at desc limit 1),
failure as (
  select * from newest where last_outcome <> 'succeeded' order by last_activity_at desc limit 1),
lane as (
  select waiting.due_at
    from (values (false), (true)) as kind(test)
   cross join lateral (
         select due_at from due_attempt
          where organisation_id = $1 and webhook_id = $2 and test = kind.test and claim_id is null and not paused
          order by due_at
          limit ${LOOKED_AT + 1}) waiting)
select success.id as success_id, success.test as success_test, success.last_activity_at as success_at,
       failure.id as failure_id, failure.test as failure_test, failure.last_activity_at as failure_at,
       attempt.message as failure_words,
       (select count(*) from newest)::integer as looked_at,
       (select count(*) from lane)::integer as due,
       (select min(due_at) from lane) as next_due_at,
       trouble.failing_since, trouble.failures, trouble.gone_at,
       case when trouble.open_until is not null then trouble.failures end as circuit_failures,
       (select count(*) from due_attempt
         where webhook_id = $2 and organisation_id = $1 and claim_id is not null)::integer as under_way
  from (select 1) as one
  left join success on true
  left join failure on true
  left join attempt on attempt.delivery_id = failure.id and attempt.number = failure.last_number
   and attempt.organisation_id = $1
  left join webhook_trouble trouble on trouble.webhook_id = $2 and trouble.organisation_id = $1`,
};

export interface WebhookHealthRow {
  success_id: number | null;
  success_test: boolean | null;
  success_at: Date | null;
  failure_id: number | null;
  failure_test: boolean | null;
  failure_at: Date | null;
  failure_words: string | null;
  /** Of the trouble it is in, null while it is in none. */
  failing_since: Date | null;
  failures: number | null;
  gone_at: Date | null;
  /** Attempts that failed in a row; null while no circuit is open. */
  circuit_failures: number | null;
  looked_at: number;
  due: number;
  next_due_at: Date | null;
  under_way: number;
}

/** When the webhook ($2) of an organisation ($1) was off last, unless what it missed was sent since, or it is long ago. */
export const missedStatement: SqlStatement = {
  name: 'webhook_missed',
  text: `
select timestamptz '2026-01-01 00:00:00+00' + (first_event_id >> 12) * interval '1 millisecond' as began_at,
       timestamptz '2026-01-01 00:00:00+00' + (behind_event_id >> 12) * interval '1 millisecond' as ended_at
  from webhook_off_period period
 where organisation_id = $1 and webhook_id = $2
   and behind_event_id > number_at(clock_timestamp() - interval '30 days')
   and not exists (select from bulk_redelivery sent
                    where sent.organisation_id = $1 and sent.webhook_id = $2 and sent.kind = 'missed'
                      and number_at(sent.created_at) >= period.behind_event_id)
 order by id desc
 limit 1`,
};

export interface MissedRow {
  began_at: Date;
  ended_at: Date;
}
