import { jest } from '@jest/globals';
import * as fc from 'fast-check';
import { naughtyStrings } from './naughty-strings.js';

/**
 * Properties run often enough to find what is common and take seconds. FAST_CHECK_RUNS=50 makes fifty times as many of
 * each, for a night; FAST_CHECK_SEED repeats the run whose seed a failure printed.
 */
const factor = Number(process.env.FAST_CHECK_RUNS ?? 1);
const seed = process.env.FAST_CHECK_SEED === undefined ? {} : { seed: Number(process.env.FAST_CHECK_SEED) };
if (!(factor > 0)) {
  throw new Error('FAST_CHECK_RUNS is how many times as many runs to make: a number above 0.');
}
/** A property that fails is made smaller for so long at the most, so that Jest does not end it before it has said why. */
const LONGEST_MS = 25_000 * Math.max(1, factor);
jest.setTimeout(LONGEST_MS + 20_000);

export interface Runs<Inputs> {
  runs: number;
  /** Tried first, besides the runs. */
  examples?: Inputs[];
}

/** Fails with the smallest inputs it finds for which the property does not hold, and with the seed. */
export function holds<Inputs extends unknown[]>(
  property: fc.IProperty<Inputs>,
  { runs, examples = [] }: Runs<Inputs>,
): void {
  fc.assert(property, parameters(runs, examples));
}

/** The same of a property that takes its time. */
export async function holdsAsync<Inputs extends unknown[]>(
  property: fc.IAsyncProperty<Inputs>,
  { runs, examples = [] }: Runs<Inputs>,
): Promise<void> {
  await fc.assert(property, parameters(runs, examples));
}

function parameters<Inputs extends unknown[]>(runs: number, examples: Inputs[]): fc.Parameters<Inputs> {
  const numRuns = Math.ceil(runs * factor) + examples.length;
  return { ...seed, numRuns, examples, interruptAfterTimeLimit: LONGEST_MS };
}

/** What breaks formats: their own signs, line ends of every kind, controls, signs of other directions and widths. */
const signs = [
  ...'"\'`<>&;,:=+-@|\\/%#?$*()[]{}! \t\v\f\r\n\0\u0001\u001b\u007f\u0085\u00a0\u00ad',
  ...'\u200b\u200d\u2028\u2029\u202e\ufeff\ufffd\uff1d\uff0b\uff0d\uff20éßı你好שלום\u{10ffff}',
  ...String.raw`"" '' </ <!-- --> ]]> {{ }} &amp; &#x3D; %00 \u0000 \" <script> <img/src=x/onerror=alert(1)> __proto__`.split(
    ' ',
  ),
  '\r\n',
  '\n\r',
  '👩‍👩‍👧',
  'e\u0301',
];

/** Any text at all that UTF-8 can hold, U+0000 included. */
export const wholeText = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: fc.constantFrom(...signs) }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
  { weight: 1, arbitrary: fc.constantFrom(...naughtyStrings.filter((text) => text.isWellFormed())) },
  { weight: 1, arbitrary: fc.string({ unit: fc.oneof(fc.constantFrom(...signs), fc.string()), maxLength: 200 }) },
);

/** Any JavaScript text: halves of surrogate pairs too. */
export const anyText = fc.oneof(
  { weight: 4, arbitrary: wholeText },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff })))
      .map((units) => String.fromCharCode(...units)),
  },
);

/** Text as our tables hold it. */
export const storedText = wholeText.map((text) => text.replaceAll('\0', '\uFFFD'));

/** Each naughty string once, as examples of a property of one text. */
export const naughtyExamples = naughtyStrings.map((text): [string] => [text]);
