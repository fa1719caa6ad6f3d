/** Headers as they may stand in a log or on a page: credentials become •••, after the scheme word of an authorization. */
export function maskCredentials(headers: readonly (readonly [name: string, value: string])[]): [string, string][] {
  return headers.map(([name, value]) => [name, isCredential(name) ? masked(name, value) : value]);
}

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
