import * as fc from 'fast-check';
import { holds } from '../../test/support/properties.js';
import { readPieces, type ReadReply } from '../../test/support/read-replies.js';

const OK = 'HTTP/1.1 200 OK\r\n';

const places = fc.array(fc.nat({ max: 5_000 }), { maxLength: 40 });
const tokens = fc.string({ unit: fc.constantFrom(...'abcXYZ019!#$%&*+-.^_`|~'), minLength: 1, maxLength: 12 });
const values = fc.string({ unit: fc.constantFrom(...'ab 9;,:"\t\\'), maxLength: 20 }).map((text) => text.trim());
const headers = fc.array(
  fc.tuple(
    tokens.filter((name) => !/^(connection|keep-alive)$/i.test(name)),
    values,
  ),
  { maxLength: 5 },
);
const bodies = fc.string({ unit: fc.constantFrom(...'ab\r\n0HTP/1. 2:'), maxLength: 200 });
const framings = fc.constantFrom('length', 'chunked', 'until close');

/** Chunks of so many characters, each in its own way of writing it. */
function chunked(body: string, size: number, trailers: string): string {
  const sizes = ['', ';a', ';name="v"', ' ; b=c'];
  const starts = Array.from({ length: Math.ceil(body.length / size) }, (_, index) => index * size);
  const chunks = starts.map((start, index) => {
    const part = body.slice(start, start + size);
    const digits = part.length.toString(16);
    return `${index % 2 ? digits.toUpperCase().padStart(4, '0') : digits}${sizes[index % sizes.length]}\r\n${part}\r\n`;
  });
  return `${chunks.join('')}0\r\n${trailers}\r\n`;
}

/** The bytes, cut at these places. */
function cut(bytes: Buffer, where: readonly number[]): Buffer[] {
  const ends = [...new Set([...where.map((place) => place % (bytes.length + 1)), bytes.length])].toSorted(
    (a, b) => a - b,
  );
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

/** What may not depend on where the network cuts: everything but the words for what is broken at several places. */
function known({ failure, ...rest }: ReadReply): object {
  return { ...rest, isBroken: failure !== null };
}

describe('a reply', () => {
  test('is the same however the network cuts it', () => {
    const interims = fc.array(fc.constantFrom('100 Continue\r\n', '103 Early Hints\r\nlink: </a>\r\n'), {
      maxLength: 3,
    });
    holds(
      fc.property(
        fc.record({ interims, headers, body: bodies, framing: framings, size: fc.integer({ min: 1, max: 70 }) }),
        fc.integer({ min: 200, max: 999 }).filter((status) => status !== 204 && status !== 304),
        fc.constantFrom('', 'x: y\r\n', 'a:\r\nb: c\r\n'),
        places,
        (made, status, trailers, where) => {
          const framing = {
            length: [['Content-Length', String(made.body.length)]],
            chunked: [['Transfer-Encoding', 'chunked']],
            'until close': [],
          }[made.framing];
          const all = [...made.headers, ...framing] as [string, string][];
          const bytes = Buffer.from(
            made.interims.map((interim) => `HTTP/1.1 ${interim}\r\n`).join('') +
              `HTTP/1.1 ${status} Some words\r\n` +
              all.map(([name, value]) => `${name}: ${value} \r\n`).join('') +
              `\r\n${made.framing === 'chunked' ? chunked(made.body, made.size, trailers) : made.body}`,
            'latin1',
          );
          expect(readPieces(cut(bytes, where), { isClosed: made.framing === 'until close' })).toEqual({
            status,
            headers: all,
            body: made.body,
            ended: true,
            keptMs: made.framing === 'until close' ? 0 : 4_000,
            failure: null,
          });
        },
      ),
      { runs: 1_000 },
    );
  });

  test('that is broken anywhere is broken however the network cuts it, and never by surprise', () => {
    const sound = fc.constantFrom(
      `${OK}content-length: 5\r\nx: y\r\n\r\nhello`,
      `${OK}transfer-encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\na: b\r\n\r\n`,
      'HTTP/1.1 103 Early\r\n\r\nHTTP/1.0 404 No\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n',
      `${OK}connection: close\r\n\r\nhello`,
    );
    const scar = fc.constantFrom(
      '',
      '\r',
      '\n',
      '\r\n',
      '\0',
      ' ',
      ':',
      '5',
      'f',
      ';',
      'x',
      '\xff',
      'HTTP/1.1 200 OK\r\n\r\n',
    );
    holds(
      fc.property(
        sound,
        fc.nat({ max: 200 }),
        fc.nat({ max: 3 }),
        scar,
        fc.boolean(),
        places,
        (text, at, lost, put, isClosed, where) => {
          const start = at % (text.length + 1);
          const bytes = Buffer.from(text.slice(0, start) + put + text.slice(start + lost), 'latin1');
          expect(known(readPieces(cut(bytes, where), { isClosed }))).toEqual(known(readPieces([bytes], { isClosed })));
        },
      ),
      { runs: 3_000 },
    );
  });

  test('of any bytes at all is read or refused', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 300 }).map((some) => [...Buffer.from(OK), ...some]),
    );
    holds(
      fc.property(bytes, places, (some, where) => {
        const { failure } = readPieces(cut(Buffer.from(some), where), { isClosed: true });
        if (failure !== null) expect(failure).toMatchObject({ reason: 'invalid_reply' });
      }),
      { runs: 1_000 },
    );
  });
});
