/** The value of an Authorization header by RFC 7617, in UTF-8. A username cannot contain a colon: it ends there. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}
