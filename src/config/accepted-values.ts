import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { BadKeyring, Keyring, keyringPath } from './keyring.js';

/*
 * What the environment's variables accept, each as a zod schema from a string to what the application uses. A custom
 * message is a clause ("where …", "which …") that follows the value in the refusal; it must not repeat a secret.
 */

const text = z.string().trim().min(1);

export function wholeNumber(from: number, to: number) {
  return text
    .regex(/^(0|[1-9]\d{0,14})$/)
    .transform(Number)
    .pipe(z.number().min(from).max(to));
}

/** An http or https origin without a trailing slash, so that paths can be appended to it. */
export const origin = text.transform((value, context) => {
  const url = /^https?:\/\//i.test(value) ? URL.parse(value) : null;
  if (!url) return refuse(context, 'which is not an http or https address');
  if (url.username || url.password) return refuse(context, 'which has a user name or password');
  if (url.pathname !== '/' || url.search || url.hash) return refuse(context, 'which has a path, query or fragment');
  return url.origin;
});

/** The base address of an OTLP collector, without a trailing slash. */
export const collector = text.transform((value, context) => {
  const url = /^https?:\/\//i.test(value) ? URL.parse(value) : null;
  if (!url) return refuse(context, 'which is not an http or https address');
  if (url.username || url.password) return refuse(context, 'which has a user name or password');
  if (url.search || url.hash) return refuse(context, 'which has a query or fragment');
  return url.href.replace(/\/+$/, '');
});

export const postgresUrl = text.transform((value, context) => {
  if (!/^postgres(ql)?:\/\//.test(value)) return refuse(context, 'which does not start with postgres://');
  const url = URL.parse(value);
  if (!url) return refuse(context, 'which is not a URL');
  if (!isPercentEncoded(url)) return refuse(context, 'where a % is not followed by two hexadecimal digits');
  return value;
});

export const smtpUrl = text.transform((value, context) => {
  if (!/^smtps?:\/\//.test(value)) return refuse(context, 'which does not start with smtp:// or smtps://');
  const url = URL.parse(value);
  if (!url?.hostname) return refuse(context, 'which is not a URL with a host');
  if (!isPercentEncoded(url)) return refuse(context, 'where a % is not followed by two hexadecimal digits');
  return value;
});

export const folder = text.transform((value) => resolve(value));

/** What type="email" accepts in a browser: the sign-in page must be able to send it. */
export const email = text.max(254).regex(z.regexes.html5Email);

export const processRoles = list(z.enum(['web', 'delivery'])).transform((roles) => ({
  web: roles.includes('web'),
  delivery: roles.includes('delivery'),
}));

/** The source for Keyring.fromSource, tried once here so that a bad one stops the start. */
export const keyringSource = text.transform((value, context) => {
  const path = keyringPath(value);
  const source = path === undefined ? value : `file:${path}`;
  try {
    Keyring.fromSource(source, () => {});
    return source;
  } catch (error) {
    if (!(error instanceof BadKeyring)) throw error;
    return refuse(context, `where ${error.message}`);
  }
});

/**
 * Not trimmed: a password is taken exactly as it is given. bcrypt reads 72 bytes and stops at U+0000, so a longer one
 * would let in whoever knows its beginning.
 */
export const password = z
  .string()
  .refine((value) => Array.from(value).length >= 12, 'which is shorter than 12 characters')
  .refine((value) => Buffer.byteLength(value) <= 72, 'which is longer than 72 bytes')
  .refine((value) => !value.includes('\0'), 'which contains U+0000')
  .refine((value) => value.isWellFormed(), 'which contains half a character (a lone surrogate)');

export const apiKey = text
  .refine((value) => value.length >= 32, 'which is shorter than 32 characters')
  .refine((value) => /^[\w-]*$/.test(value), 'which contains other characters');

export const networks = list(text.transform(readNetwork));

/**
 * What express's "trust proxy" takes, which throws on a prefix of 0 ("everybody is my proxy" lets anyone name the
 * address they come from).
 */
export const proxies = list(
  text.transform((value, context) => {
    if (['loopback', 'linklocal', 'uniquelocal'].includes(value)) return value;
    if (value.endsWith('/0')) return refuse(context, `where ${quoted(value)} trusts every address`);
    return readNetwork(value, context);
  }),
);

export const retryWaits = z
  .string()
  .trim()
  .transform((value) => (value === '' ? [] : value.split(',')))
  .pipe(z.array(wholeNumber(0, 30 * 86_400)).max(20));

/** A value as a message may show it: on one line, not endless, without the credentials of a URL. */
export function quoted(value: string): string {
  const harmless = value.replace(/^.*:.*@/s, '(hidden)@');
  return JSON.stringify(harmless.length > 120 ? `${harmless.slice(0, 120)}…` : harmless);
}

function list<T>(entry: z.ZodType<T, string>) {
  return text.transform((value) => value.split(',').map((part) => part.trim())).pipe(z.array(entry));
}

function readNetwork(value: string, context: z.RefinementCtx): string {
  const [address = '', prefix, ...rest] = value.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) {
    return refuse(context, `where ${quoted(value)} is not an address or network`);
  }
  const bits = version === 4 ? 32 : 128;
  if (prefix !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > bits)) {
    return refuse(context, `where ${quoted(value)} has no prefix from 0 to ${bits}`);
  }
  return `${version === 4 ? address : canonicalIPv6(address)}/${prefix ?? bits}`;
}

/** In hexadecimal only: express does not read every form with an IPv4 address at its end. */
function canonicalIPv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** Otherwise the PostgreSQL driver throws "URI malformed" at the first connection, which names nothing. */
function isPercentEncoded(url: URL): boolean {
  try {
    decodeURIComponent(url.username + url.password + url.hostname + url.pathname);
    return true;
  } catch {
    return false;
  }
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
