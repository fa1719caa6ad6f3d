import type { SqlStatement } from '../database/database-pool.js';
import { foundBy } from '../database/found-by.js';

/** How many lanes one claim walks at the most. */
export const LANES_A_CLAIM = 64;

/** A lane is looked into for twice its share of the slots, and for so many at the least. */
const LEAST_A_LANE = 16;

/**
 * Claims due attempts, fairly. $1–$3: the lane to start behind (organisation, webhook, test); $4: free
 * slots of this process; $5: claim id; $6: seconds that a lease is longer than the webhook's deadline;
 * $7, $8: webhooks and how many more calls each may have, below its own limit; $9: how many all others.
 * Answers one row for each claimed attempt, and one with a null delivery_id for each lane that gave none, in the order
 * of the walk, so that the caller can turn its cursor, and how many each lane might have given.
 *
 * - `walk` is a loose index scan over due_attempt_by_lane: each step jumps to the next lane, so that a lane with a million
 *   rows costs as much as one with a single row. Behind the last lane it goes on with the first, and ends where it began.
 *   A lane's first row tells whether anything is due in it; one where all wait for later is walked past.
 * - The time is one scalar subquery: clock_timestamp() is volatile, and as a plain call it could not be
 *   an index condition. It is the database's clock that decides what is due.
 * - `ready` takes from each lane at most its free concurrency, skipping rows that another worker locks
 *   at this moment. Two claims at once may overshoot a webhook's limit by what they see too late; no
 *   row can be in both, because the update re-checks what it locked. Where webhooks may have many calls under way,
 *   it takes no more than `most`: to lock all that fifty of them may have costs more than to claim what there are slots for.
 * - A webhook whose circuit is open gets no automatic call before `open_until`, and a single one from then on: `probe`
 *   locks its row, so that no other claim takes one, too, and `put_off` lets the next one wait until this has ended.
 *   What a person asked for, a manual attempt or a test, goes past it.
 * - `turn` deals the slots out lane by lane, one row each, in the order of the walk: a long lane cannot
 *   take them all, and where they do not come out even, the cursor stops behind the last lane that got as many as any.
 *   A webhook's two lanes (test or not) share its concurrency.
 */
export const claimStatement: SqlStatement = {
  name: 'claim_due_attempts',
  text: `
with recursive walk(organisation_id, webhook_id, test, due_at, is_second_part, step) as (
  select $1::bigint, $2::bigint, $3::boolean, null::timestamptz, false, 0
  union all
  select next.*, walk.step + 1
    from walk
   cross join lateral (
         select * from (
           (select organisation_id, webhook_id, test, due_at, walk.is_second_part
              from due_attempt
             where claim_id is null and not paused
               and (organisation_id, webhook_id, test) > (walk.organisation_id, walk.webhook_id, walk.test)
             order by organisation_id, webhook_id, test, due_at
             limit 1)
           union all
           (select organisation_id, webhook_id, test, due_at, true
              from due_attempt
             where claim_id is null and not paused and not walk.is_second_part
             order by organisation_id, webhook_id, test, due_at
             limit 1)) ahead_or_first
          limit 1) next
   where walk.step < ${LANES_A_CLAIM}
     and not (next.is_second_part
              and (next.organisation_id, next.webhook_id, next.test) > ($1::bigint, $2::bigint, $3::boolean))
),
lane as materialized (
  select organisation_id, webhook_id, test, due_at, step from walk where step > 0
),
moment as materialized (select clock_timestamp() as now),
probe as materialized (
  select webhook_id
    from webhook_trouble
   where open_until <= (select now from moment) and webhook_id in (select webhook_id from lane where not test)
     for update skip locked
),
open_lane as materialized (
  select lane.*, webhook.version, (webhook.policy ->> 'timeoutSeconds')::double precision as deadline,
         open.webhook_id is null as closed, probe.webhook_id is not null as may_probe,
         least($4::integer, coalesce(($8::integer[])[array_position($7::bigint[], lane.webhook_id)], $9::integer),
               webhook.maximum_concurrency - (
           select count(*) from due_attempt busy
            where busy.webhook_id = lane.webhook_id and busy.claim_id is not null)) as free,
         greatest(${LEAST_A_LANE}, ceil(2.0 * $4::integer / count(*) over ())::integer) as most
    from lane
    join webhook on ${foundBy('webhook.id', 'lane.webhook_id')} and webhook.deleted_at is null
    join organisation on organisation.id = lane.organisation_id
    left join webhook_trouble open on open.webhook_id = lane.webhook_id and open.open_until is not null and not lane.test
    left join probe on probe.webhook_id = open.webhook_id
   where lane.due_at <= (select now from moment) and organisation.plan <> 'basic' and (webhook.enabled or lane.test)
),
ready as materialized (
  select due.delivery_id, due.kind, due.due_at, open_lane.webhook_id, open_lane.version, open_lane.deadline,
         open_lane.step, open_lane.free
    from open_lane
   cross join lateral (
         select * from (
           select delivery_id, kind, due_at
             from due_attempt
            where organisation_id = open_lane.organisation_id and webhook_id = open_lane.webhook_id
              and test = open_lane.test and claim_id is null and not paused
              and due_at <= (select now from moment)
              and (open_lane.closed or kind = 'automatic')
            order by due_at
            limit case when open_lane.closed then greatest(least(open_lane.free, open_lane.most), 0)
                       when open_lane.may_probe then least(greatest(open_lane.free, 0), 1)
                       else 0 end
              for update skip locked) by_itself
         union all
         select * from (
           select delivery_id, kind, due_at
             from due_attempt
            where webhook_id = open_lane.webhook_id and kind = 'manual' and test = open_lane.test
              and claim_id is null and not paused and due_at <= (select now from moment)
            order by due_at
            limit case when open_lane.closed then 0 else greatest(least(open_lane.free, open_lane.most), 0) end
              for update skip locked) by_hand) due
),
dealt as (
  select delivery_id, kind, version, deadline
    from (select ready.*, row_number() over (partition by webhook_id order by due_at) as turn from ready) ranked
   where turn <= free
   order by turn, step
   limit $4::integer
),
claimed as (
  update due_attempt
     set claim_id = $5::uuid, claimed_at = clock_timestamp(),
         claimed_until = clock_timestamp() + make_interval(secs => dealt.deadline + $6::double precision)
    from dealt
   where ${foundBy('due_attempt.delivery_id', 'dealt.delivery_id')} and ${foundBy('due_attempt.kind', 'dealt.kind')}
     and due_attempt.claim_id is null
  returning due_attempt.delivery_id, due_attempt.kind, due_attempt.organisation_id, due_attempt.webhook_id,
            due_attempt.test, due_attempt.number, due_attempt.spent, dealt.version, dealt.deadline
),
put_off as (
  update webhook_trouble
     set open_until = clock_timestamp() + make_interval(secs => claimed.deadline + $6::double precision)
    from claimed join probe using (webhook_id)
   where webhook_trouble.webhook_id = claimed.webhook_id and claimed.kind = 'automatic' and not claimed.test
)
select lane.organisation_id, lane.webhook_id, lane.test,
       claimed.delivery_id, claimed.kind, claimed.number, claimed.spent, claimed.version as webhook_version,
       claimed.deadline, open_lane.free, case when open_lane.most < open_lane.free then open_lane.most end as most
  from lane
  left join open_lane using (organisation_id, webhook_id, test)
  left join claimed using (organisation_id, webhook_id, test)
 order by lane.step`,
};

export interface ClaimRow {
  organisation_id: number;
  webhook_id: number;
  test: boolean;
  delivery_id: number | null;
  kind: 'automatic' | 'manual';
  number: number;
  spent: number;
  webhook_version: number;
  /** The webhook's own for a call, in seconds. */
  deadline: number;
  /** How many more calls its webhook might have under way, whatever its circuit lets through: null where it is off. */
  free: number | null;
  /** How many its lane could give to this claim, where that is fewer. */
  most: number | null;
}

/**
 * Hands back claims that were not used, at SIGTERM. Nothing was counted for them, so nothing is
 * un-counted: the number and what was spent stand in the row as before. $1: claim id, $2: delivery ids.
 */
export const releaseStatement: SqlStatement = {
  name: 'release_claims',
  text: `
update due_attempt
   set claim_id = null, claimed_at = null, claimed_until = null
 where claim_id = $1::uuid and delivery_id = any($2::bigint[])`,
};
