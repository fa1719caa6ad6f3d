import * as fc from 'fast-check';
import { anyText, holds, naughtyExamples, storedText } from '../../test/support/properties.js';
import { linkParameters } from '../web/query.js';
import { isTicketLink, parseTicketLink, ticketLinkQuery, type TicketLink } from './ticket-link.js';

/** What a link can carry: blanks around a code are nobody's meaning. */
const code = storedText.map((text) => [...text.trim()].slice(0, 255).join('').trim());
const needed = code.filter((text) => text !== '');
const link: fc.Arbitrary<TicketLink> = fc.record({
  surveyCode: code,
  portalCode: code,
  ticketId: needed,
  supportGroupCode: needed,
  agentId: code,
  customerId: code,
  segmentCode: code,
  segment2Code: code,
});

/** The parameters as a ticket system writes them, each encoded in a way of its own. */
function pairsOf(given: TicketLink, encode: (text: string) => string): string[] {
  return [
    'tc=ts',
    `sc=${encode(given.surveyCode)}`,
    `cpc=${encode(given.portalCode)}`,
    `tid=${encode(given.ticketId)}`,
    `rgid=${encode(given.supportGroupCode)}`,
    `agid=${encode(given.agentId)}`,
    `cid=${encode(given.customerId)}`,
    `sgid1=${encode(given.segmentCode)}`,
    `sgid2=${encode(given.segment2Code)}`,
  ];
}

const everyByte = (text: string) => Buffer.from(text).toString('hex').replace(/../g, '%$&');
const encodings: Record<string, (text: string) => string> = {
  'as encodeURIComponent does': encodeURIComponent,
  'as a form does': (text) => new URLSearchParams({ '': text }).toString().slice(1),
  'every byte in small letters': everyByte,
  'every byte in capitals': (text) => everyByte(text).toUpperCase(),
  'as little as possible': (text) => text.replace(/[%&+=]/g, encodeURIComponent),
};

describe('any link that a ticket system builds', () => {
  test.each(Object.entries(encodings))('is read whole when it is percent-encoded %s', (_way, encode) => {
    holds(
      fc.property(link, (given) => {
        expect(parseTicketLink(pairsOf(given, encode).join('&'))).toEqual(given);
      }),
      { runs: 700 },
    );
  });

  test('says the same in any order, with &amp; for &, and with later repetitions', () => {
    const parameter = fc.constantFrom('tc', 'sc', 'cpc', 'tid', 'rgid', 'agid', 'cid', 'sgid1', 'sgid2', 'score', '');
    const order = fc.array(fc.nat(), { minLength: 9, maxLength: 9 });
    holds(
      fc.property(link, order, fc.array(fc.tuple(parameter, storedText)), fc.boolean(), (given, ranks, more, amp) => {
        const pairs = pairsOf(given, encodeURIComponent)
          .map((pair, index) => ({ pair, rank: ranks[index]! }))
          .toSorted((one, other) => one.rank - other.rank)
          .map(({ pair }) => pair);
        const later = more.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
        const query = [...pairs, ...later].join(amp ? '&amp;' : '&');
        expect(isTicketLink(query)).toBe(true);
        expect(parseTicketLink(query)).toEqual(given);
      }),
      { runs: 1_500 },
    );
  });

  test('is written again as a link that says the same', () => {
    holds(
      fc.property(link, (given) => {
        expect(parseTicketLink(ticketLinkQuery(given))).toEqual(given);
      }),
      { runs: 1_000 },
    );
  });

  test('in Latin-1 keeps its letters wherever its bytes are no UTF-8', () => {
    const latin1 = fc.string({ unit: fc.integer({ min: 0x21, max: 0xff }).map((unit) => String.fromCharCode(unit)) });
    holds(
      fc.property(latin1, (text) => {
        const bytes = Buffer.from(text, 'latin1');
        fc.pre(!isUtf8(bytes) && text.trim() === text);
        const encoded = bytes.toString('hex').replace(/../g, '%$&');
        expect(parseTicketLink(`tc=ts&rgid=R&tid=${encoded}`)?.ticketId).toBe(text);
      }),
      { runs: 1_000 },
    );
  });
});

describe('any other query', () => {
  test('is no link, or one whose texts can be stored and found', () => {
    const noise = fc.array(
      fc.oneof(anyText, fc.constantFrom('tc=ts', '&', '&amp;', '&tid=', '&rgid=', '%', '%ff', '=')),
    );
    holds(
      fc.property(noise, (parts) => {
        const read = parseTicketLink(parts.join(''));
        for (const text of Object.values(read ?? {})) {
          expect(text.isWellFormed() && !text.includes('\0') && text === text.trim()).toBe(true);
          expect([...text].length).toBeLessThanOrEqual(255);
        }
        expect(read === null || (read.ticketId !== '' && read.supportGroupCode !== '')).toBe(true);
      }),
      { runs: 2_000, examples: naughtyExamples.map(([text]): [string[]] => [['tc=ts&rgid=R&tid=', text]]) },
    );
  });

  test('gives each parameter once, the first', () => {
    holds(
      fc.property(fc.array(fc.tuple(storedText, storedText)), (pairs) => {
        const query = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
        const first = new Map([...pairs].toReversed());
        expect(Object.fromEntries(linkParameters(query))).toEqual(
          Object.fromEntries(pairs.length === 0 ? [['', '']] : first),
        );
      }),
      { runs: 1_000 },
    );
  });
});

function isUtf8(bytes: Buffer): boolean {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes) !== null;
  } catch {
    return false;
  }
}
