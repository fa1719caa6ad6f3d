import type { SqlStatement } from '../database/database-pool.js';
import { foundBy } from '../database/found-by.js';

/** So many interruptions in a row end a delivery: whatever kills the workers may well be the delivery itself. */
export const INTERRUPTIONS_THAT_FAIL = 5;
const LONGEST_DURATION_MS = 2 ** 31 - 1;

/**
 * Takes over claims whose lease ran out, under a claim of its own ($1) that lasts some seconds ($2): where whoever rescues
 * them dies before they are locked, they are found again. A statement of its own, because it may meet rows that somebody
 * else changes just now, and so must not touch what is partitioned: see recordStatement.
 */
export const takeOverStatement: SqlStatement = {
  name: 'take_over_stale_claims',
  text: `
with stale as materialized (
  select delivery_id, kind
    from due_attempt
   where claim_id is not null and claimed_until < clock_timestamp()
   order by claimed_until
   limit 1000
     for update skip locked
)
update due_attempt
   set claim_id = $1::uuid, claimed_until = clock_timestamp() + make_interval(secs => $2)
  from stale
 where ${foundBy('due_attempt.delivery_id', 'stale.delivery_id')} and ${foundBy('due_attempt.kind', 'stale.kind')}
returning due_attempt.delivery_id`,
};

/**
 * Rescues what was taken over under a claim ($2), of these deliveries ($3): their worker died, or lost the database for
 * longer than the lease. The call may or may not have arrived; the log says so, in an attempt of its own that does not
 * count towards the schedule, and the attempt is due again at once under the next number. After five in
 * a row it is not: an automatic delivery has failed then, a manual attempt is given up and the schedule
 * goes on as it was. Nor is it when the webhook was deleted meanwhile. $1: the message for the log.
 *
 * A rescue that fails would stop every delivery. So the duration is capped, as an installation may be
 * started again after longer than an integer of milliseconds holds (24 days); and where a number is taken
 * already, which only a bug could bring about, the next one is tried.
 */
export const rescueStatement: SqlStatement = {
  name: 'rescue_stale_claims',
  text: `
with moment as materialized (select clock_timestamp() as now),
stale as materialized (
  select delivery_id, kind, organisation_id, number, interruptions + 1 as interruptions, claimed_at,
         exists (select from webhook where webhook.id = due_attempt.webhook_id and webhook.deleted_at is not null) as orphaned
    from due_attempt
   where claim_id = $2::uuid and delivery_id = any($3::bigint[])
   order by delivery_id, kind desc
     for update
),
logged as (
  insert into attempt (delivery_id, number, organisation_id, manual, outcome, message, started_at, duration_ms)
  select delivery_id, number, organisation_id, kind = 'manual', 'interrupted', $1, claimed_at,
         least(extract(epoch from (select now from moment) - claimed_at) * 1000, ${LONGEST_DURATION_MS})
    from stale
      on conflict do nothing
),
counted as (
  update delivery
     set interrupted_attempts = interrupted_attempts + 1,
         last_outcome = 'interrupted', last_response_code = null, last_response = '',
         last_activity_at = stale.claimed_at,
         status = case
           when stale.kind = 'automatic' and stale.interruptions >= ${INTERRUPTIONS_THAT_FAIL}
                and delivery.status = 'in_progress' then 'failed'
           else delivery.status end
    from stale
   where delivery.id = any($3::bigint[]) and delivery.id + 0 = stale.delivery_id
  returning delivery.id, delivery.status
),
given_up as (
  delete from due_attempt
   using stale join counted on counted.id = stale.delivery_id
   where ${foundBy('due_attempt.delivery_id', 'stale.delivery_id')} and ${foundBy('due_attempt.kind', 'stale.kind')}
     and (stale.interruptions >= ${INTERRUPTIONS_THAT_FAIL} or stale.orphaned)
),
due_again as (
  update due_attempt
     set claim_id = null, claimed_at = null, claimed_until = null, due_at = (select now from moment),
         number = due_attempt.number + 1, interruptions = stale.interruptions
    from stale join counted on counted.id = stale.delivery_id
   where ${foundBy('due_attempt.delivery_id', 'stale.delivery_id')} and ${foundBy('due_attempt.kind', 'stale.kind')}
     and stale.interruptions < ${INTERRUPTIONS_THAT_FAIL} and not stale.orphaned
),
paused_beside as (
  -- The automatic attempt that waits for a manual one is numbered behind it, and goes on when it is given up.
  update due_attempt
     set number = due_attempt.number + 1, paused = stale.interruptions < ${INTERRUPTIONS_THAT_FAIL}
    from stale
   where stale.kind = 'manual' and ${foundBy('due_attempt.delivery_id', 'stale.delivery_id')}
     and due_attempt.kind <> 'manual'
)
select delivery_id, number, kind, interruptions from stale`,
};

export interface RescuedRow {
  delivery_id: number;
  number: number;
  kind: 'automatic' | 'manual';
  interruptions: number;
}
