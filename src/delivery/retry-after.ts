import type { DeliveryPolicy } from '../webhooks/webhook-definition.js';

/** RFC 9110 and RFC 6585 give these a Retry-After that is about this request. */
const DELAYING = new Set([429, 503]);
/** What a receiver may ask for at the most; more would be as good as a refusal. */
const LONGEST_SECONDS = 24 * 60 * 60;

type Headers = readonly (readonly [name: string, value: string])[];

/** A reply, as far as it says when to come again. */
export interface Reply {
  status: number | null;
  replyHeaders: Headers;
}

/**
 * The seconds that a reply asks to wait, a day at the most; null when it asks nothing, or nothing that a
 * webhook of this policy heeds. A date is reckoned from the reply's own Date, because the receiver's clock
 * may be any; without one from `now`. Source: RFC 9110, 10.2.3.
 */
export function secondsAskedFor(policy: DeliveryPolicy, reply: Reply | undefined, now = Date.now()): number | null {
  if (!policy.obeysRetryAfter || !reply || !DELAYING.has(reply.status ?? 0)) {
    return null;
  }
  const given = headerOf(reply.replyHeaders, 'retry-after');
  if (given === null) {
    return null;
  }
  const seconds = /^\d+$/.test(given) ? Number(given) : secondsUntil(given, reply.replyHeaders, now);
  return Number.isNaN(seconds) || seconds <= 0 ? null : Math.min(seconds, LONGEST_SECONDS);
}

/** The wait before the next attempt: what was asked for delays it and never hastens it. None stays none. */
export function delayed(scheduled: number | null, askedFor: number | null): number | null {
  return scheduled === null ? null : Math.max(scheduled, askedFor ?? 0);
}

function secondsUntil(date: string, headers: Headers, now: number): number {
  const said = Date.parse(headerOf(headers, 'date') ?? '');
  return Math.ceil((Date.parse(date) - (Number.isNaN(said) ? now : said)) / 1_000);
}

function headerOf(headers: Headers, wanted: string): string | null {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1].trim() ?? null;
}
