import { surveyPolicy } from '../webhooks/survey-webhook.js';
import { delayed, secondsAskedFor } from './retry-after.js';

const obeying = { ...surveyPolicy, obeysRetryAfter: true };
const NOW = Date.parse('2026-11-26T10:00:00Z');

function asked(value: string, status = 503, date?: string): number | null {
  const replyHeaders: [string, string][] = [
    ['Retry-After', value],
    ...(date ? [['Date', date] as [string, string]] : []),
  ];
  return secondsAskedFor(obeying, { status, replyHeaders }, NOW);
}

describe('a Retry-After', () => {
  it.each([
    ['1', 1],
    [' 120 ', 120],
    ['86400', 86_400],
    ['86401', 86_400],
    ['99999999999999999999', 86_400],
    ['Thu, 26 Nov 2026 10:02:00 GMT', 120],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 86_400],
  ])('of "%s" asks for %d s', (value, seconds) => {
    expect(asked(value)).toBe(seconds);
  });

  it.each(['0', '-1', '1.5', '', 'soon', '1,2', '0x10', '1e3', 'Thu, 26 Nov 2026 09:59:59 GMT'])(
    'of "%s" asks for nothing',
    (value) => {
      expect(asked(value)).toBeNull();
    },
  );

  it('that is a date is reckoned from the reply’s own clock', () => {
    expect(asked('Mon, 01 Jan 2001 00:00:30 GMT', 503, 'Mon, 01 Jan 2001 00:00:00 GMT')).toBe(30);
    expect(asked('Thu, 26 Nov 2026 10:02:00 GMT', 503, 'nonsense')).toBe(120);
  });

  it.each([200, 301, 400, 404, 410, 500, 502, 504])('counts nothing with %d', (status) => {
    expect(asked('120', status)).toBeNull();
  });

  it('counts with 429', () => {
    expect(asked('120', 429)).toBe(120);
  });

  it('is nothing to a webhook that does not obey it, nor where there was no reply', () => {
    const reply = { status: 503, replyHeaders: [['retry-after', '120']] as [string, string][] };
    expect(secondsAskedFor(surveyPolicy, reply)).toBeNull();
    expect(secondsAskedFor(obeying, undefined)).toBeNull();
    expect(secondsAskedFor(obeying, { status: null, replyHeaders: [] })).toBeNull();
    expect(secondsAskedFor(obeying, { status: 503, replyHeaders: [] })).toBeNull();
  });
});

describe('the wait before the next attempt', () => {
  it.each([
    [300, 120, 300],
    [300, 301, 301],
    [300, null, 300],
    [0, 1, 1],
    [null, 120, null],
  ])('scheduled for %p, asked for %p: %p', (scheduled, askedFor, wait) => {
    expect(delayed(scheduled, askedFor)).toBe(wait);
  });
});
