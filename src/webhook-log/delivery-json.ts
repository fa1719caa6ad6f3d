import { bodyText } from '../web/body-text.js';
import type {
  AttemptAnswer,
  DeliveryAnswer,
  DeliverySummaryAnswer,
  ExchangeAnswer,
  ReplyAnswer,
} from './delivery-answer.schema.js';
import type { LogEntry, LoggedDelivery } from './logged-delivery.js';
import type { AttemptRow, ExchangeRow } from './logged-delivery.sql.js';

/** A delivery in the list of the API. */
export function deliveryJson(delivery: LoggedDelivery): DeliverySummaryAnswer {
  const { row } = delivery;
  return {
    webhookId: delivery.webhookId,
    listeningPost: row.listening_post,
    status: row.status,
    test: row.test,
    responseId: delivery.responseId,
    ticketId: row.ticket_id,
    attemptCount: row.automatic_attempts,
    manualAttemptCount: row.manual_attempts,
    interruptedAttemptCount: row.interrupted_attempts,
    createdAt: delivery.createdAt.toISOString(),
    nextAttemptAt: delivery.next?.dueAt.toISOString() ?? null,
    waitingReason: delivery.waitingReason,
    lastActivityAt: row.last_activity_at?.toISOString() ?? null,
    lastOutcome: row.last_outcome,
    lastResponseCode: row.last_response_code,
    lastResponse: delivery.hasReply ? row.last_response : null,
  };
}

/** One delivery with its payload and every attempt. */
export function entryJson(entry: LogEntry): DeliveryAnswer {
  return {
    ...deliveryJson(entry),
    payload: entry.payload,
    attempts: entry.attempts.map((attempt) => attemptJson(attempt, entry.payload)),
  };
}

function attemptJson(attempt: AttemptRow, payload: string | null): AttemptAnswer {
  return {
    number: attempt.number,
    manual: attempt.manual,
    startedAt: new Date(attempt.startedAt).toISOString(),
    durationMs: attempt.durationMs,
    outcome: attempt.outcome,
    message: attempt.message,
    responseCode: attempt.responseCode,
    exchanges: attempt.exchanges.map((exchange) => exchangeJson(exchange, payload)),
  };
}

function exchangeJson(exchange: ExchangeRow, payload: string | null): ExchangeAnswer {
  return {
    request: {
      method: exchange.method,
      url: exchange.url,
      headers: headersJson(exchange.requestHeaders),
      body: payload,
    },
    response: exchange.status === null ? null : replyJson(exchange, exchange.status),
    durationMs: exchange.durationMs,
  };
}

function replyJson(exchange: ExchangeRow, status: number): ReplyAnswer {
  return {
    status,
    headers: headersJson(exchange.replyHeaders),
    body: bodyText(replyBytes(exchange), exchange.replyTruncated).text,
    bodyTruncated: exchange.replyTruncated,
    error: exchange.replyError,
  };
}

/** A list, because a reply may carry a header several times. */
function headersJson(headers: readonly [string, string][]) {
  return headers.map(([name, value]) => ({ name, value }));
}

/** The body of a reply as it came. */
export function replyBytes(exchange: ExchangeRow): Buffer {
  return Buffer.from(exchange.replyBody ?? '', 'base64');
}
