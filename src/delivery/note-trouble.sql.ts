import type { SqlStatement } from '../database/database-pool.js';

/**
 * Notes what recorded attempts say of their webhooks. Parallel arrays, one entry an attempt: $1 webhook, $2 organisation,
 * $3 succeeded, $4 response code, $5 milliseconds since the call began. Answers the webhooks whose circuit opened or
 * closed by it.
 *
 * - A success ends the trouble of its webhook. Where there are nothing but failures of a webhook, they are added to its
 *   trouble, and open the circuit or keep it open, as its policy says.
 * - A statement of its own: see recordStatement. Rows are locked in the order of webhooks, as two processes may have
 *   attempts of the same ones.
 */
export const noteTroubleStatement: SqlStatement = {
  name: 'note_trouble',
  text: `
with own as materialized (
  select r.*, clock_timestamp() - make_interval(secs => age_ms / 1000) as began
    from unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::integer[], $5::double precision[])
      as r(webhook_id, organisation_id, succeeded, response_code, age_ms)
),
troubled as materialized (
  select webhook_id, failures
    from webhook_trouble
   where webhook_id in (select webhook_id from own)
   order by webhook_id
     for update
),
answering as (
  delete from webhook_trouble
   using troubled
   where webhook_trouble.webhook_id = troubled.webhook_id
     and troubled.webhook_id in (select webhook_id from own where succeeded)
  returning webhook_trouble.webhook_id, opened_at is not null as closes
),
failing as (
  insert into webhook_trouble as known (webhook_id, organisation_id, failing_since, last_failed_at, failures, gone_at,
                                        opened_at, open_until)
  select webhook_id, organisation_id, failing_since, last_failed_at, failures, gone_at,
         case when failures >= (circuit ->> 'failures')::integer then statement_timestamp() end,
         case when failures >= (circuit ->> 'failures')::integer
              then clock_timestamp() + make_interval(secs => (circuit ->> 'probeSeconds')::double precision) end
    from (select own.webhook_id, own.organisation_id, webhook.policy -> 'circuit' as circuit,
                 min(began) as failing_since, max(began) as last_failed_at,
                 count(*) + coalesce(max(troubled.failures), 0) as failures,
                 min(began) filter (where response_code = 410) as gone_at
            from own
            join webhook on webhook.id = own.webhook_id
            left join troubled on troubled.webhook_id = own.webhook_id
           where not succeeded
             and own.webhook_id not in (select webhook_id from own where succeeded)
           group by own.webhook_id, own.organisation_id, webhook.policy) counted
   order by webhook_id
      on conflict (webhook_id) do update
     set last_failed_at = excluded.last_failed_at, failures = excluded.failures,
         gone_at = coalesce(known.gone_at, excluded.gone_at),
         opened_at = case when excluded.opened_at is not null then coalesce(known.opened_at, excluded.opened_at) end,
         open_until = excluded.open_until
  returning webhook_id, opened_at is not distinct from statement_timestamp() as opens
)
select 'opened' as circuit, webhook_id from failing where opens
union all
select 'closed', webhook_id from answering where closes`,
};

export interface CircuitRow {
  circuit: 'opened' | 'closed';
  webhook_id: number;
}
