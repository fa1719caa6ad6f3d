export const SIGN_IN_PATH = '/sign-in';

/** It travels percent-encoded in a header, of which proxies take a few KB. */
const LONGEST = 2_000;

const ANYWHERE = 'http://answerback.invalid';

/**
 * A path of ours to send somebody to; `/` for everything else, and for what is too long to be carried along. Browsers read `//host` and `/\host` as another host,
 * also when a tab or a line break, which they drop, stands in between.
 */
export function localPath(given: unknown): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  const looksLocal = typeof given === 'string' && /^\/(?![/\\])[^\0-\u0020\u007f]*$/.test(given);
  return looksLocal && given.length <= LONGEST && URL.parse(given, ANYWHERE)?.origin === ANYWHERE ? given : '/';
}
