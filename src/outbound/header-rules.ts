export type Header = readonly [name: string, value: string];

/**
 * What is wrong with a header that a person wants on their requests, as a sentence; null when it is fine.
 * The sentence never repeats the value, which is a credential as often as not.
 */
export function headerProblem(name: string, value: string): string | null {
  if (!isHeaderName(name)) return 'A header name consists of letters, digits and hyphens, without spaces.';
  if (!isHeaderValue(value))
    return `The value of ${name} contains a line break or a character that headers cannot carry.`;
  if (isReservedHeader(name)) return `The header ${name} is set by Answerback itself and cannot be chosen.`;
  return null;
}

/** Headers that only Answerback sets: those that steer the connection, and those that receivers trust to be ours. */
export function isReservedHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return isFramingHeader(lower) || lower === 'cookie' || /^(x-forwarded-|webhook-)/.test(lower);
}

/** Headers that decide where a message ends or to which host it goes: no caller of the GuardedClient may send them. */
export function isFramingHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return framingHeaders.has(lower) || lower.startsWith('proxy-');
}

/** RFC 9110, 5.6.2: a token. */
export function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/.test(name);
}

/** RFC 9110, 5.5: tab, visible ASCII, space, and the bytes above it as Latin-1. */
export function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

const framingHeaders = new Set([
  'host',
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
