import type { SqlStatement } from '../database/database-pool.js';
import { CONSUMER } from './dispatch.sql.js';

/** Counting stops here: who has so many due knows enough. */
export const MOST_COUNTED = 1_000_000;

/**
 * What waits, for all processes together. What is due counts only where it may be called now: its webhook is on, or it is
 * a test, the plan has webhooks, and no open circuit holds it back. Ages are in seconds, 0 when nothing waits.
 */
export const queueStatement: SqlStatement = {
  name: 'measure_queue',
  text: `
with due as (
  select due_at
    from due_attempt
    join webhook on webhook.id = due_attempt.webhook_id
    join organisation on organisation.id = due_attempt.organisation_id
   where claim_id is null and not paused and due_at <= clock_timestamp()
     and organisation.plan <> 'basic' and (webhook.enabled or due_attempt.test)
     and (due_attempt.test or kind = 'manual' or not exists (
           select from webhook_trouble
            where webhook_trouble.webhook_id = due_attempt.webhook_id and open_until is not null))
   limit ${MOST_COUNTED}
)
select (select count(*) from due)::double precision as due,
       (select coalesce(extract(epoch from clock_timestamp() - min(due_at)), 0) from due)::double precision as oldest_due,
       (select count(*) from due_attempt where claim_id is not null)::double precision as claimed,
       (select count(*) from event_pending where consumer = '${CONSUMER}')::double precision as events,
       (select coalesce(extract(epoch from clock_timestamp() - min(occurred_at)), 0)
          from event_pending join event on event.id = event_id
         where consumer = '${CONSUMER}')::double precision as event_lag`,
};

export interface QueueRow {
  due: number;
  oldest_due: number;
  claimed: number;
  events: number;
  event_lag: number;
}
