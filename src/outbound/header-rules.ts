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

/** Headers as they may stand in a log: credentials become •••, after the scheme word of an authorization. */
export function maskCredentials(headers: readonly Header[]): [string, string][] {
  return headers.map(([name, value]) => [name, isCredential(name) ? masked(name, value) : value]);
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

function isCredential(name: string): boolean {
  return credentialNames.some((pattern) => pattern.test(name));
}

const credentialNames = [
  /authori[sz]ation|(^|[-_])auth([-_]|$)/i,
  /cookie|token|secret|passw|credential/i,
  /(api|access|auth|private|shared|signing|subscription|functions)[-_]?key/i,
];

/** Only a known word before a space is a scheme: the first word of anything else may be the credential itself. */
function masked(name: string, value: string): string {
  const scheme = /authori[sz]ation/i.test(name)
    ? /^(Basic|Bearer|Digest|Negotiate|ApiKey|Token)(?= )/i.exec(value)
    : null;
  return scheme ? `${scheme[0]} •••` : '•••';
}
