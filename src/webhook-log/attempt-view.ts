import { bodyText, NOT_UTF8 } from '../web/body-text.js';
import { replyBytes } from './delivery-json.js';
import type { AttemptRow, ExchangeRow } from './logged-delivery.sql.js';
import { durationInWords } from './words.js';

/** One attempt of the timeline, with every HTTP exchange it took. */
export function attemptView(attempt: AttemptRow) {
  return {
    number: attempt.number,
    manual: attempt.manual,
    statusKind: attempt.outcome === 'succeeded' ? 'ok' : 'bad',
    startedAt: attempt.startedAt,
    duration: durationInWords(attempt.durationMs),
    words: attempt.message,
    code: attempt.responseCode,
    exchanges: attempt.exchanges.map(exchangeView),
  };
}

function exchangeView(exchange: ExchangeRow) {
  return {
    request: { line: `${exchange.method} ${exchange.url}`, headers: headersView(exchange.requestHeaders) },
    reply: exchange.status === null ? null : replyView(exchange, exchange.status),
  };
}

function replyView(exchange: ExchangeRow, status: number) {
  const { text, isUtf8 } = bodyText(replyBytes(exchange), exchange.replyTruncated);
  return {
    status,
    headers: headersView(exchange.replyHeaders),
    body: text,
    notes: [
      ...(isUtf8 ? [] : [NOT_UTF8]),
      ...(exchange.replyTruncated ? ['Only the first 64 KiB were read and kept.'] : []),
      ...(exchange.replyError === null ? [] : [`The reply broke off: ${exchange.replyError}`]),
    ],
  };
}

function headersView(headers: readonly [string, string][]) {
  return headers.map(([name, value]) => ({ name, value }));
}
