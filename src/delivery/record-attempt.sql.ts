import type { SqlStatement } from '../database/database-pool.js';
import { foundBy } from '../database/found-by.js';

/**
 * Records the outcomes of a whole batch of calls in one statement, each under the claim that made the
 * call: where the claim is gone (its lease ran out and somebody else has the attempt), nothing is
 * written for it. Parallel arrays, one entry an attempt: $1 delivery, $2 kind, $3 claim id, $4 number,
 * $5 succeeded, $6 outcome, $7 message, $8 response code, $9 milliseconds since the call began, $10 its
 * duration in milliseconds, $11 first characters of the reply, $12 seconds to wait before the next
 * automatic attempt (null: none is left). One entry an HTTP exchange: $13 index of its attempt (from 1),
 * $14 position, $15 method, $16 URL, $17 request headers, $18 status, $19 reply headers, $20 truncated,
 * $21 error, $22 duration, $23 where the body of its reply begins (from 1) and $24 how long it is, in the
 * bytes of all of them one behind the other, $25: an array of them would be written out as text, twice as
 * long. Answers which deliveries were recorded.
 *
 * - A success ends the delivery and deletes whatever is due, automatic or manual.
 * - A manual failure deletes the manual row, and lets the automatic one go on, numbered behind it;
 *   status and schedule stay as they were.
 * - An automatic failure waits for the next attempt or, when none is left, fails the delivery.
 * - A delivery that was cancelled meanwhile makes no further attempt.
 *
 * It locks no row that others change all the while: PostgreSQL 18 crashes where a statement that finds partitions row by
 * row has to look again at one that was changed just before it was locked. The trouble of webhooks is noted behind it.
 *
 * Rows are locked in the order (delivery, manual before automatic), as whoever else locks several takes
 * them; in the order of the parameters, two of them could wait for each other.
 */
export const recordStatement: SqlStatement = {
  name: 'record_attempts',
  text: `
with result as (
  select *
    from unnest($1::bigint[], $2::text[], $3::uuid[], $4::integer[], $5::boolean[], $6::text[], $7::text[],
                $8::integer[], $9::double precision[], $10::integer[], $11::text[], $12::double precision[])
         with ordinality
      as r(delivery_id, kind, claim_id, number, succeeded, outcome, message, response_code, age_ms, duration_ms,
           last_response, wait_seconds, index)
),
own as materialized (
  -- When the call began is reckoned once, so that the delivery and its log name the same moment. A claim id is never null
  -- here; "=" would let PostgreSQL read all claims, which have an index of their own, for each result.
  select result.*, due_attempt.organisation_id, due_attempt.webhook_id,
         clock_timestamp() - make_interval(secs => age_ms / 1000) as began
    from result
    join due_attempt on ${foundBy('due_attempt.delivery_id', 'result.delivery_id')}
   where ${foundBy('due_attempt.kind', 'result.kind')} and due_attempt.claim_id is not distinct from result.claim_id
   order by result.delivery_id, result.kind desc
     for update of due_attempt
),
moved as (
  update delivery
     set automatic_attempts = automatic_attempts + (own.kind = 'automatic')::integer,
         manual_attempts = manual_attempts + (own.kind = 'manual')::integer,
         last_outcome = own.outcome, last_response_code = own.response_code, last_response = own.last_response,
         last_activity_at = own.began,
         status = case
           when own.succeeded then 'succeeded'
           when delivery.status = 'in_progress' and own.kind = 'automatic' and own.wait_seconds is null then 'failed'
           else delivery.status end
    from own
   where ${foundBy('delivery.id', 'own.delivery_id')}
  returning delivery.id, delivery.status, own.kind, own.succeeded, own.wait_seconds
),
ended as (
  delete from due_attempt
   using moved
   where ${foundBy('due_attempt.delivery_id', 'moved.id')}
     and (moved.succeeded or moved.status = 'cancelled'
          or (due_attempt.kind = moved.kind and (moved.kind = 'manual' or moved.wait_seconds is null)))
),
due_again as (
  update due_attempt
     set claim_id = null, claimed_at = null, claimed_until = null, interruptions = 0,
         number = due_attempt.number + 1, spent = due_attempt.spent + 1,
         due_at = clock_timestamp() + make_interval(secs => moved.wait_seconds)
    from moved
   where ${foundBy('due_attempt.delivery_id', 'moved.id')} and ${foundBy('due_attempt.kind', 'moved.kind')} and moved.kind = 'automatic'
     and not moved.succeeded and moved.wait_seconds is not null and moved.status <> 'cancelled'
),
goes_on as (
  update due_attempt
     set paused = false, number = due_attempt.number + 1
    from moved
   where ${foundBy('due_attempt.delivery_id', 'moved.id')} and due_attempt.kind <> 'manual' and moved.kind = 'manual'
     and not moved.succeeded and moved.status <> 'cancelled'
),
logged as (
  insert into attempt (delivery_id, number, organisation_id, manual, outcome, message, response_code, started_at,
                       duration_ms)
  select delivery_id, number, organisation_id, kind = 'manual', outcome, message, response_code,
         began, duration_ms
    from own
),
call as (
  select own.delivery_id, own.number, own.organisation_id, e.*
    from unnest($13::integer[], $14::integer[], $15::text[], $16::text[], $17::text[], $18::integer[], $19::text[],
                $20::boolean[], $21::text[], $22::integer[], $23::integer[], $24::integer[])
      as e(attempt_index, position, method, url, request_headers, status, reply_headers, truncated, error,
           call_duration_ms, body_from, body_length)
    join own on own.index = e.attempt_index
),
exchanged as (
  insert into exchange (delivery_id, attempt_number, position, organisation_id, method, url, request_headers, status,
                        reply_headers, reply_truncated, reply_error, duration_ms)
  select delivery_id, number, position, organisation_id, method, url, request_headers, status, reply_headers,
         truncated, error, call_duration_ms
    from call
),
replied as (
  insert into reply_body (delivery_id, attempt_number, position, organisation_id, body)
  select delivery_id, number, position, organisation_id, substring($25::bytea from body_from for body_length)
    from call
   where body_length > 0
)
select coalesce(string_agg(delivery_id::text, ','), '') as recorded,
       coalesce(string_agg(delivery_id::text, ',') filter (where webhook_id in (select webhook_id from webhook_trouble)),
                '') as in_trouble
  from own`,
};

/** Deliveries, separated by commas: a row for each would take longer to read than to write. */
export interface RecordedRow {
  recorded: string;
  /** Those whose webhook's last attempts, before these, had failed. */
  in_trouble: string;
}
