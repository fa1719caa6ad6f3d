import { entryOf, expectHealthyUndelayed, expectInLog, pageOf } from '../support/hostile-log.js';
import { callHostile, type HostileCase, type HostileRun } from '../support/hostile-run.js';
import { DEADLINE_SECONDS, accepted, failed, type Told } from '../support/hostile-told.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';

/** Latin-1 writes a byte as the character of its number: every byte can be written down. */
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const withHeader = (line: string): Buffer => bytes(`HTTP/1.1 200 OK\r\n${line}\r\ncontent-length: 0\r\n\r\n`);
const withBody = (body: string, ...headers: string[]): Buffer =>
  bytes(['HTTP/1.1 200 OK', ...headers, `content-length: ${body.length}`, '', body].join('\r\n'));
const header = (...pairs: [string, string][]): Told => accepted({ headers: [...pairs, ['content-length', '0']] });
const invalid = (detail: string): Told => failed('invalid_reply', `The answer is not valid HTTP (${detail})`);

/** Lone surrogates in the three bytes that UTF-8 forbids for them. */
const surrogates = '\xed\xa0\x80\xed\xbf\xbf';

const headers: Record<string, readonly [Buffer, Told]> = {
  'invalid UTF-8': [withHeader('x-a: \xff\xc3(b'), header(['x-a', 'ÿÃ(b'])],
  'lone surrogates': [withHeader(`x-a: ${surrogates}`), header(['x-a', 'í\xa0\x80í¿¿'])],
  'valid UTF-8': [withHeader('x-a: gr\xc3\xbc\xc3\x9f'), header(['x-a', 'grüß'])],
  'a text that turns its direction': [withHeader('x-a: \xe2\x80\xae123'), header(['x-a', '\u202e123'])],
  'names of JavaScript': [
    withHeader('__proto__: a\r\nconstructor: b\r\n__proto__: c'),
    header(['__proto__', 'a'], ['constructor', 'b'], ['__proto__', 'c']),
  ],
  'a content type of no meaning': [
    withHeader('content-type: \xff\xfe/;;;charset=,'),
    header(['content-type', 'ÿþ/;;;charset=,']),
  ],
  'U+0000 in a value': [withHeader('x-a: a\0b'), invalid('Invalid character in a header')],
  'U+0000 in a name': [withHeader('x\0a: b'), invalid('Invalid header name')],
  'a control character': [withHeader('x-a: \x1b[31mred'), invalid('Invalid character in a header')],
  'a name in UTF-8': [withHeader('x-\xe2\x82\xac: b'), invalid('Invalid header name')],
  'no colon': [withHeader('x-a'), invalid('Invalid header name')],
  'a value over two lines': [withHeader('x-a: a\r\n b'), invalid('A header over two lines')],
  'a lone CR': [withHeader('x-a: a\rb'), invalid('Invalid character in a header')],
  'odd bytes, a body with more of them, and then silence': [
    bytes(`HTTP/1.1 200 OK\r\nx-a: ${surrogates}\r\ncontent-length: 99\r\n\r\n\0\xff`),
    accepted({
      headers: [
        ['x-a', 'í\xa0\x80í¿¿'],
        ['content-length', '99'],
      ],
      body: bytes('\0\xff'),
      error: `The reply was not complete within ${DEADLINE_SECONDS} s`,
    }),
  ],
  'odd bytes beside the status': [
    bytes(`HTTP/1.1 200 \xff\0${surrogates}\r\ncontent-length: 0\r\n\r\n`),
    accepted({ headers: [['content-length', '0']] }),
  ],
};

interface Body {
  readonly sent: Buffer;
  readonly body: string;
  /** As the API gives it. */
  readonly shown: string;
  readonly isText: boolean;
}

const json = String.raw`{"nul":"\u0000","half":"\ud800"}`;
const bodies: Record<string, Body> = {
  'invalid UTF-8': { ...as('a\xff\xc3(b'), shown: 'a\uFFFD\uFFFD(b', isText: false },
  'U+0000': { ...as('a\0b'), shown: 'a\0b', isText: true },
  'lone surrogates': { ...as(surrogates), shown: '\uFFFD'.repeat(6), isText: false },
  'a character cut in half': { ...as('gr\xc3'), shown: 'gr\uFFFD', isText: false },
  'an overlong form': { ...as('\xc0\x80'), shown: '\uFFFD\uFFFD', isText: false },
  'JSON with U+0000 and half a pair': { ...as(json, 'content-type: application/json'), shown: json, isText: true },
  'UTF-16': {
    ...as('\xff\xfeh\0i\0', 'content-type: text/plain; charset=utf-16'),
    shown: '\uFFFD\uFFFDh\0i\0',
    isText: false,
  },
  'an encoding that nobody knows': {
    ...as('as it came', 'content-encoding: nonsense'),
    shown: 'as it came',
    isText: true,
  },
};

const receivers: Receiver[] = [];
let run: HostileRun;

beforeAll(async () => {
  const called = new Map<string, HostileCase>();
  for (const [name, [sent, told]] of Object.entries(headers)) {
    called.set(`headers: ${name}`, { url: await start(sent), told });
  }
  for (const [name, { sent, body }] of Object.entries(bodies)) {
    called.set(`body: ${name}`, { url: await start(sent), told: accepted({ body: bytes(body) }) });
  }
  run = await callHostile(called);
}, 120_000);
afterAll(async () => {
  await run?.close();
  for (const receiver of receivers) await receiver.close();
});

describe('headers with', () => {
  it.each(Object.keys(headers))('%s', async (name) => {
    await expectInLog(run, `headers: ${name}`, headers[name]![1]);
    for (const [, value] of headers[name]![1].reply?.headers ?? []) {
      expect(await pageOf(run, run.deliveries.get(`headers: ${name}`)!.id)).toContain(value);
    }
  });
});

describe('a body with', () => {
  it.each(Object.keys(bodies))('%s', async (name) => {
    const { body, shown, isText } = bodies[name]!;
    await expectInLog(run, `body: ${name}`, accepted({ body: bytes(body) }));
    const { id } = run.deliveries.get(`body: ${name}`)!;
    const entry = await entryOf(run, id);
    expect(entry.attempts[0]!.exchanges[0]!.response!.body).toBe(shown);
    expect(entry.lastResponse).toBe(shown.replaceAll('\0', '\uFFFD'));
    expect((await pageOf(run, id)).includes('It is not UTF-8 text')).toBe(!isText);
  });
});

it('a healthy webhook beside all of them is not delayed', () => {
  expectHealthyUndelayed(run);
});

async function start(sent: Buffer): Promise<string> {
  const receiver = await startReceiver({ answer: answers.raw(sent, 'hold') });
  receivers.push(receiver);
  return receiver.url('/hook');
}

function as(body: string, ...lines: string[]) {
  return { body, sent: withBody(body, ...lines) };
}
