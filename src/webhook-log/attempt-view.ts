import { bodyText, NOT_UTF8 } from '../web/body-text.js';
import { curlCommand } from './curl.js';
import { replyBytes } from './delivery-json.js';
import type { AttemptRow, ExchangeRow } from './logged-delivery.sql.js';
import { prettyJson } from './pretty-json.js';
import { durationInWords } from './words.js';

const DAY_MS = 86_400_000;

/**
 * One attempt of the timeline, with every HTTP exchange it took.
 *
 * @param payload the body that every attempt sends
 * @param replyRetentionDays after these, a reply without a body may have had one
 */
export function attemptView(attempt: AttemptRow, payload: string | null, replyRetentionDays: number) {
  const isOld = Date.parse(attempt.startedAt) < Date.now() - replyRetentionDays * DAY_MS;
  const emptyWords = isOld
    ? `Bodies of replies are kept for ${replyRetentionDays} days: if there was one, it is gone.`
    : 'The body was empty.';
  return {
    number: attempt.number,
    manual: attempt.manual,
    statusKind: attempt.outcome === 'succeeded' ? 'ok' : 'bad',
    startedAt: attempt.startedAt,
    duration: durationInWords(attempt.durationMs),
    words: attempt.message,
    code: attempt.responseCode ?? attempt.outcome,
    exchanges: attempt.exchanges.map((exchange, index) => ({
      id: `${attempt.number}-${index + 1}`,
      request: requestView(exchange, payload),
      reply: exchange.status === null ? null : { ...replyView(exchange, exchange.status), emptyWords },
    })),
  };
}

function requestView(exchange: ExchangeRow, payload: string | null) {
  const { method, url, requestHeaders: headers } = exchange;
  return {
    line: `${method} ${url}`,
    headers: headersView(headers),
    body: payload === null ? null : (prettyJson(payload) ?? payload),
    curl: curlCommand({ method, url, headers, body: payload }),
  };
}

function replyView(exchange: ExchangeRow, status: number) {
  const { text, isUtf8 } = bodyText(replyBytes(exchange), exchange.replyTruncated);
  return {
    status,
    headers: headersView(exchange.replyHeaders),
    body: text,
    prettyBody: prettyJson(text),
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
