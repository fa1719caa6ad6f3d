import { Injectable } from '@nestjs/common';
import type { Organisation } from '../accounts/organisation.entity.js';
import { DatabasePool, type SqlStatement } from '../database/database-pool.js';
import { circuitReason, webhookPauseReason } from '../delivery/pause-reason.js';
import { webhookIdOf } from '../delivery/webhook-id.js';
import { createdAtOf } from './creation-time.js';

const FAILED_DAYS = 7;
/** What is due for longer than so many minutes finds no worker, or no free place at one. */
const OVERDUE_MINUTES = 5;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The deliveries that somebody should look at: failed lately, held up, or due for too long. */
@Injectable()
export class TroubleReport {
  constructor(private readonly database: DatabasePool) {}

  /** What views/webhook-log/_trouble.hbs shows; every number leads to its deliveries in the log. */
  async of(organisation: Organisation) {
    // Days of the log are days in GMT.
    const since = new Date(Date.now() - FAILED_DAYS * DAY_MS).toISOString().slice(0, 10);
    const [failed, due] = await Promise.all([
      this.database.run<FailedRow>(failedStatement, [organisation.id, since]),
      this.database.run<DueRow>(dueStatement, [organisation.id]),
    ]);
    const waiting = due.flatMap((row) => waitingView(row, organisation));
    const overdue = sum(due.filter((row) => pauseReason(row, organisation) === null).map((row) => row.overdue));
    return {
      failed: {
        count: failed[0]?.total ?? 0,
        days: FAILED_DAYS,
        href: `/webhook-log?status=failed&from=${since}`,
        latest: failed.map(failedView),
      },
      waiting,
      overdue: { count: overdue, minutes: OVERDUE_MINUTES, href: '/webhook-log?status=in_progress' },
      none: failed.length === 0 && waiting.length === 0 && overdue === 0,
    };
  }
}

interface FailedRow {
  id: number;
  ticket_id: string;
  last_response_code: number | null;
  total: number;
}

/** The latest failed deliveries of an organisation ($1) since a day in GMT ($2), and how many there are. */
const failedStatement: SqlStatement = {
  name: 'deliveries_failed_lately',
  text: `
with failed as (
  select delivery_id
    from unsuccessful_delivery
   where organisation_id = $1 and status = 'failed'
     and delivery_id >= number_at($2::date::timestamp at time zone 'UTC'))
select id, ticket_id, last_response_code, (select count(*) from failed)::integer as total
  from (select delivery_id from failed order by delivery_id desc limit 3) latest
  join delivery on delivery.id = latest.delivery_id
 order by id desc`,
};

interface DueRow {
  webhook_id: number;
  name: string;
  enabled: boolean;
  deleted: boolean;
  /** Tests are made while a webhook is off too. */
  test: boolean;
  /** Attempts that failed in a row; null while no circuit is open. */
  circuit_failures: number | null;
  due: number;
  overdue: number;
}

/** What waits in the queue of an organisation ($1), webhook by webhook. The queue is as long as the work that is left. */
const dueStatement: SqlStatement = {
  name: 'deliveries_due_by_webhook',
  text: `
select webhook.id as webhook_id, webhook.name, webhook.enabled, webhook.deleted_at is not null as deleted,
       due_attempt.test, max(trouble.failures) as circuit_failures, count(distinct delivery_id)::integer as due,
       count(distinct delivery_id)
         filter (where due_at < clock_timestamp() - interval '${OVERDUE_MINUTES} minutes')::integer as overdue
  from due_attempt
  join webhook on webhook.id = due_attempt.webhook_id
  left join webhook_trouble trouble on trouble.webhook_id = webhook.id and trouble.open_until is not null
   and not due_attempt.test
 where due_attempt.organisation_id = $1 and claim_id is null and not paused
 group by webhook.id, due_attempt.test
 order by webhook.id`,
};

function pauseReason(row: DueRow, { plan }: Organisation): string | null {
  return webhookPauseReason({ ...row, plan }) ?? circuitReason(row.circuit_failures);
}

function waitingView(row: DueRow, organisation: Organisation) {
  const reason = pauseReason(row, organisation);
  return reason === null
    ? []
    : [
        {
          count: row.due,
          reason,
          webhookName: row.name,
          href: `/webhook-log?status=in_progress&webhook=${row.webhook_id}`,
        },
      ];
}

function failedView({ id, ticket_id: ticketId, last_response_code: code }: FailedRow) {
  const webhookId = webhookIdOf(id);
  return { webhookId, href: `/webhook-log/${webhookId}`, ticketId, code, createdAt: createdAtOf(id) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
