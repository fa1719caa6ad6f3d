import type { AttemptOutcome } from '../delivery/attempt-outcome.js';
import type { DeliveryPolicy, RequestDefinition, Trigger } from '../webhooks/webhook-definition.js';

/**
 * Deliveries with what is due for them; `page` selects rows of delivery. The page is materialized, so
 * that its limit is reached by one index scan, and only its rows are looked up in the queue: by laterals
 * with a limit, because for an "exists" the planner may read the whole queue. All of it is one statement, so
 * that a row never says "in progress" beside a schedule that has ended.
 */
export function listSql(page: string): string {
  return withSchedule(page, '', '');
}

export interface LoggedDeliveryRow {
  id: number;
  test: boolean;
  listening_post: 'transactional' | 'relationship';
  record_type: string;
  record_id: number;
  ticket_id: string;
  status: 'in_progress' | 'succeeded' | 'failed' | 'cancelled';
  automatic_attempts: number;
  manual_attempts: number;
  interrupted_attempts: number;
  last_outcome: AttemptOutcome | null;
  last_response_code: number | null;
  last_response: string;
  last_activity_at: Date | null;
  webhook_id: number;
  webhook_name: string;
  enabled: boolean;
  deleted: boolean;
  /** Attempts of its webhook that failed in a row; null while no circuit is open. */
  circuit_failures: number | null;
  under_way: boolean;
  next_kind: 'automatic' | 'manual' | null;
  next_spent: number | null;
  next_due_at: Date | null;
  next_in_seconds: number | null;
}

/**
 * One delivery ($2) of an organisation ($1) with what was sent and every attempt. Reply bodies come as
 * base64, because they may be any bytes. Each subquery names the delivery's number itself, so that only
 * the partition it lies in is opened.
 */
export const entrySql = withSchedule(
  'select * from delivery where id = $2 and organisation_id = $1',
  `, webhook.trigger, webhook.request, webhook.policy, request.body as payload, coalesce(log.attempts, '[]'::json) as attempts`,
  `
  left join delivery_request request on request.delivery_id = $2
  left join lateral (
       select json_agg(json_build_object(
                'number', attempt.number, 'manual', attempt.manual, 'outcome', attempt.outcome,
                'message', attempt.message, 'responseCode', attempt.response_code,
                'startedAt', attempt.started_at, 'durationMs', attempt.duration_ms,
                'exchanges', coalesce(calls.exchanges, '[]'::json)) order by attempt.number) as attempts
         from attempt
         left join (
              select exchange.attempt_number, json_agg(json_build_object(
                       'method', exchange.method, 'url', exchange.url,
                       'requestHeaders', exchange.request_headers::json, 'status', exchange.status,
                       'replyHeaders', exchange.reply_headers::json,
                       'replyBody', encode(reply_body.body, 'base64'), 'replyTruncated', exchange.reply_truncated,
                       'replyError', exchange.reply_error,
                       'durationMs', exchange.duration_ms) order by exchange.position) as exchanges
                from exchange
                left join reply_body on reply_body.delivery_id = $2
                 and reply_body.attempt_number = exchange.attempt_number
                 and reply_body.position = exchange.position
               where exchange.delivery_id = $2 and exchange.organisation_id = $1
               group by exchange.attempt_number) calls on calls.attempt_number = attempt.number
        where attempt.delivery_id = $2 and attempt.organisation_id = $1) log on true`,
);

export interface EntryRow extends LoggedDeliveryRow {
  trigger: Trigger;
  request: RequestDefinition;
  policy: DeliveryPolicy;
  payload: string | null;
  attempts: AttemptRow[];
}

export interface AttemptRow {
  number: number;
  manual: boolean;
  outcome: AttemptOutcome;
  message: string;
  responseCode: number | null;
  startedAt: string;
  durationMs: number;
  exchanges: ExchangeRow[];
}

export interface ExchangeRow {
  method: string;
  url: string;
  requestHeaders: [string, string][];
  status: number | null;
  replyHeaders: [string, string][];
  replyBody: string | null;
  replyTruncated: boolean;
  replyError: string | null;
  durationMs: number;
}

function withSchedule(page: string, columns: string, joins: string): string {
  return `
with page as materialized (${page})
select page.id, page.test, page.listening_post, page.record_type, page.record_id, page.ticket_id, page.status,
       page.automatic_attempts, page.manual_attempts, page.interrupted_attempts, page.last_outcome,
       page.last_response_code, page.last_response, page.last_activity_at,
       page.webhook_id, webhook.name as webhook_name, webhook.enabled, webhook.deleted_at is not null as deleted,
       trouble.failures as circuit_failures, call.delivery_id is not null as under_way,
       next.kind as next_kind, next.spent as next_spent, next.due_at as next_due_at,
       extract(epoch from next.due_at - clock_timestamp())::double precision as next_in_seconds${columns}
  from page
  join webhook on webhook.id = page.webhook_id
  left join webhook_trouble trouble on trouble.webhook_id = page.webhook_id and trouble.open_until is not null
  left join lateral (
       select delivery_id from due_attempt where delivery_id = page.id and claim_id is not null limit 1) call on true
  left join lateral (
       select kind, spent, due_at
         from due_attempt
        where delivery_id = page.id and claim_id is null
        order by paused, due_at
        limit 1) next on true${joins}
 order by page.id desc`;
}
