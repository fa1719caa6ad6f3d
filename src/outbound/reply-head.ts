import { isUtf8 } from 'node:buffer';
import { remember } from '../web/remember.js';
import { invalidAnswer, notHttp } from './failure.js';
import { isHeaderName, isHeaderValue } from './header-rules.js';

/** A status line and headers, and what they say of the body behind them (RFC 9112, 6.3). */
export interface ReplyHead {
  readonly status: number;
  /** In the receiver's order and spelling, duplicates kept. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly framing: 'length' | 'chunked' | 'until close';
  /** Bytes of the body, where the framing is by length; else null. */
  readonly length: number | null;
  /** How long the connection may be kept unused, in milliseconds; 0 where it closes behind this reply. */
  readonly keptMs: number;
}

/** What the connection is kept for where the receiver says nothing of it. */
const usualKeptMs = 4_000;

/** The request that finds a connection just being closed is lost: it is left so long before the receiver would close it. */
const keptMarginMs = 1_000;

/**
 * Reads it from the bytes before the empty line, each as a character (Latin-1). Strict: what one reader takes for a header
 * and another for a body is how replies are forged. Receivers answer nearly the same each time, which is remembered.
 *
 * @throws CallFailure where it is not valid HTTP
 */
export const readHead = remember(1_024, (text): ReplyHead => {
  const [statusLine, ...lines] = text.split('\r\n');
  const status = statusOf(statusLine!);
  const isAscii = !/[\x80-\xff]/.test(text);
  const headers = lines.map((line): [string, string] => {
    const [name, value] = headerOf(line);
    return [name, isAscii ? value : decoded(value)];
  });
  const coding = valuesOf(headers, 'transfer-encoding');
  const length = lengthOf(valuesOf(headers, 'content-length'));
  if (coding.length > 0 && length !== null) throw invalidAnswer('Content-Length beside Transfer-Encoding');
  const framing = coding.length > 0 ? framingOf(coding) : length === null ? 'until close' : 'length';
  return { status, headers, framing, length, keptMs: keptMsOf(statusLine!, headers) };
});

function statusOf(line: string): number {
  const match = /^HTTP\/(\S*)(?: (\S*))?/.exec(line);
  if (match === null) throw notHttp();
  const [, version, status] = match;
  if (version !== '1.1' && version !== '1.0') throw invalidAnswer('Invalid HTTP version');
  if (status === undefined || !/^[1-9]\d\d$/.test(status)) throw invalidAnswer('Invalid response status');
  // Nobody reads the words behind the status: they may be anything, but no line of their own.
  if (/[\r\n]/.test(line)) throw invalidAnswer('A line break within the status line');
  return Number(status);
}

function headerOf(line: string): [string, string] {
  if (/^[\t ]/.test(line)) throw invalidAnswer('A header over two lines');
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  if (!isHeaderName(name)) throw invalidAnswer('Invalid header name');
  const value = withoutPadding(line, colon + 1);
  if (!isHeaderValue(value)) throw invalidAnswer('Invalid character in a header');
  return [name, value];
}

/**
 * Spaces and tabs, of both ends. No expression: one for the end tries again from every space within, and no trim():
 * that takes other characters, too.
 */
function withoutPadding(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isPadding(line[start])) start++;
  while (end > start && isPadding(line[end - 1])) end--;
  return line.slice(start, end);
}

function isPadding(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

/** UTF-8 where it is UTF-8, else Latin-1 as RFC 9110 had it: neither can fail. */
function decoded(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}

function valuesOf(headers: ReplyHead['headers'], wanted: string): string[] {
  return headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}

function lengthOf(values: readonly string[]): number | null {
  const [value] = values;
  if (value === undefined) return null;
  if (values.length > 1) throw invalidAnswer('More than one Content-Length');
  if (!/^\d+$/.test(value)) throw invalidAnswer('Invalid character in Content-Length');
  const length = Number(value);
  if (!Number.isSafeInteger(length)) throw invalidAnswer('Content-Length overflow');
  return length;
}

/** Whatever else was done to the body is left as it is; chunks frame it only where they were put around it at last. */
function framingOf(values: readonly string[]): ReplyHead['framing'] {
  const codings = listOf(values);
  if (codings.slice(0, -1).includes('chunked')) throw invalidAnswer('Chunks within another Transfer-Encoding');
  return codings.at(-1) === 'chunked' ? 'chunked' : 'until close';
}

function keptMsOf(statusLine: string, headers: ReplyHead['headers']): number {
  const wishes = listOf(valuesOf(headers, 'connection'));
  const isKept = statusLine.startsWith('HTTP/1.1') ? !wishes.includes('close') : wishes.includes('keep-alive');
  if (!isKept) return 0;
  const seconds = /(?:^|[,; ])timeout=(\d+)/i.exec(valuesOf(headers, 'keep-alive').join(', '))?.[1];
  return seconds === undefined
    ? usualKeptMs
    : Math.min(usualKeptMs, Math.max(Number(seconds) * 1_000 - keptMarginMs, 0));
}

function listOf(values: readonly string[]): string[] {
  return values.flatMap((value) => value.toLowerCase().split(',')).map((one) => one.trim());
}
