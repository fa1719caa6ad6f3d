import { remember } from './remember.js';

const MASK = '•••';

/**
 * Headers as they may stand in a log or on a page: credentials become •••, after the scheme word of an authorization,
 * and so do those in the query of an address.
 */
export function maskCredentials(headers: readonly (readonly [name: string, value: string])[]): [string, string][] {
  return headers.map(([name, value]) => [name, maskedHeader(name, value)]);
}

/**
 * A URL as it may stand in a log or on a page: the values of query parameters whose names look secret become •••, as
 * do a user name and password. Everything else stays as it is written.
 */
export const maskUrl = remember(2_048, (url) =>
  url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, `$1${MASK}@`)
    .replace(/([?&;])([^=&;#]*)=([^&;#]+)/g, (parameter, separator: string, name: string) =>
      isSecretParameter(decoded(name)) ? `${separator}${name}=${MASK}` : parameter,
    ),
);

function maskedHeader(name: string, value: string): string {
  const holds = holdingOf(name);
  if (holds === 'credential') {
    return maskedCredential(name, value);
  }
  return holds === 'address' ? maskUrl(value) : value;
}

type Holding = 'credential' | 'address' | 'anything';

const holdingOf = remember(64, (name): Holding => {
  if (isCredential(name)) {
    return 'credential';
  }
  return addressHeaders.test(name) ? 'address' : 'anything';
});

function isCredential(name: string): boolean {
  return credentialNames.some((pattern) => pattern.test(name));
}

const credentialNames = [
  /authori[sz]ation|(^|[-_])auth([-_]|$)/i,
  /cookie|token|secret|passw|credential/i,
  /(api|access|auth|private|shared|signing|subscription|functions)[-_]?key/i,
];

const addressHeaders = /^((content-)?location|referer|refresh|link)$/i;

function isSecretParameter(name: string): boolean {
  return isCredential(name) || secretParameters.some((pattern) => pattern.test(name));
}

/** Beside what is secret in a header: a query's short names. `code` and `sig` are the keys of Azure's functions and flows. */
const secretParameters = [
  /(^|[^a-z])(auth|code|hmac|jwt|key|pass|pwd|sas|sig)([^a-z]|$)/i,
  /passphrase|signature/i,
  /[a-z]Key$/,
];

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Only a known word before a space is a scheme: the first word of anything else may be the credential itself. */
function maskedCredential(name: string, value: string): string {
  const scheme = /authori[sz]ation/i.test(name)
    ? /^(Basic|Bearer|Digest|Negotiate|ApiKey|Token)(?= )/i.exec(value)
    : null;
  return scheme ? `${scheme[0]} ${MASK}` : MASK;
}
