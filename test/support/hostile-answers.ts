import { gzipSync } from 'node:zlib';
import { accepted, DEADLINE_SECONDS, failed, rejected, type Told } from './hostile-told.js';
import { answers, type Answer } from './receivers.js';

const { raw } = answers;
const OK = 'HTTP/1.1 200 OK\r\n';
const ok = `${OK}content-length: 2\r\n\r\nok`;
const no = 'HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\nno';
const noAnswer = failed('timeout', `No answer within ${DEADLINE_SECONDS} s`);
const incomplete = `The reply was not complete within ${DEADLINE_SECONDS} s`;
const closedBefore = failed('reset', 'The receiver closed the connection before it answered');
const brokenOff = 'The receiver closed the connection before the reply was complete';
const notHttp = failed(
  'invalid_reply',
  'What answered does not speak HTTP. Another kind of service may listen on this port',
);
const tooLong = failed('invalid_reply', 'The headers of the answer are too long');
const interim = failed('invalid_reply', 'The receiver sent interim replies (1xx) without end');
const invalid = (detail: string) => failed('invalid_reply', `The answer is not valid HTTP (${detail})`);
/** 64 KiB that would be 64 MiB. */
const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
const onlySuccess = 'Only 200 counts as success.';

/** What a receiver says of itself, and what a person reads of it. The survey webhook obeys no Retry-After. */
const statuses: Record<string, readonly [Answer, Told]> = {
  'answers 401': [answers.with(401), rejected(401, 'The username or password may be wrong or may have changed.')],
  'answers 404': [answers.with(404), rejected(404, 'The URL may be wrong or may have changed.')],
  'answers 410': [answers.with(410), rejected(410, 'It says that this URL is gone for good.')],
  'answers 500': [answers.with(500, 'oops'), rejected(500, onlySuccess, { body: 'oops' })],
  'answers 204': [answers.with(204), rejected(204, onlySuccess)],
  ...Object.fromEntries(
    ['99999999999999999999', '-1', '0', 'Fri, 31 Dec 9999 23:59:59 GMT', 'soon'].map((when) => [
      `answers 429 and wants to be called again after "${when}"`,
      [answers.with(429, '', { 'retry-after': when }), rejected(429, 'It asks to be called less often.')],
    ]),
  ),
};
/**
 * How receivers misbehave over HTTP, and what is told of one call to them, in words that never change with the machine's
 * speed: what is slow is slower than any deadline.
 */
export const hostileAnswers: Record<string, readonly [Answer, Told]> = {
  'accepts and never answers': [answers.hang(), noAnswer],
  'sends one byte of a header each second': [answers.dripHeaders(1_000), noAnswer],
  'sends an interim reply now and then, for ever': [answers.endlessInterim(103, 250), noAnswer],
  'floods with 100 Continue': [answers.endlessInterim(100), interim],
  'floods with 103 Early Hints': [answers.endlessInterim(103), interim],
  'sends headers without end': [answers.endlessHeaders(), tooLong],
  'sends one header without end': [answers.endlessHeaders('a'), tooLong],
  'sends trailers without end': [
    answers.endlessTrailers(),
    accepted({ body: 'ok', error: 'The headers of the answer are too long' }),
  ],
  'drips its body': [answers.dripBody(200, 100), accepted({ body: /^a+$/, error: incomplete })],
  'drips the body of a 500': [
    answers.dripBody(500, 100),
    rejected(500, onlySuccess, { body: /^a+$/, error: incomplete }),
  ],
  'never ends its body': [answers.endlessBody(200), accepted({ body: /^a{65536}$/, isTruncated: true })],
  'never ends the body of a 500': [
    answers.endlessBody(500),
    rejected(500, onlySuccess, { body: /^a{65536}$/, isTruncated: true }),
  ],

  'resets before the headers': [answers.reset(), closedBefore],
  'resets within the headers': [raw(`${OK}x-a: b`, 'reset'), closedBefore],
  'resets after the headers': [raw(`${OK}content-length: 9\r\n\r\n`, 'reset'), accepted({ error: brokenOff })],
  'resets within the body': [
    raw(`${OK}content-length: 9\r\n\r\nabc`, 'reset'),
    accepted({ body: 'abc', error: brokenOff }),
  ],
  'closes its half before the headers': [raw(''), closedBefore],
  'closes its half within the headers': [raw(`${OK}x-a: b`), closedBefore],
  'closes its half within the body': [
    raw(`${OK}content-length: 9\r\n\r\nabc`),
    accepted({ body: 'abc', error: brokenOff }),
  ],
  'ends a body of no stated length by closing its half': [raw(`${OK}\r\nabc`), accepted({ body: 'abc' })],

  'greets as a mail server': [raw('220 mail.example.com ESMTP\r\n', 'hold'), notHttp],
  'answers as an SSH server': [answers.garbage(), notHttp],
  'answers with bytes of no meaning': [raw(Buffer.from([0, 1, 2, 255, 254, 10, 13]), 'hold'), notHttp],
  'answers with a page and no headers': [raw('<html>Hello</html>', 'hold'), notHttp],
  'answers in HTTP/3.7': [raw('HTTP/3.7 200 OK\r\n\r\n', 'hold'), invalid('Invalid HTTP version')],
  'answers with status 000': [
    raw('HTTP/1.1 000 None\r\ncontent-length: 0\r\n\r\n', 'hold'),
    invalid('Invalid response status'),
  ],
  'answers with status 2000': [raw('HTTP/1.1 2000 OK\r\n\r\n', 'hold'), invalid('Invalid response status')],
  'answers with status 999': [
    raw('HTTP/1.1 999 Denied\r\ncontent-length: 0\r\n\r\n'),
    rejected(999, onlySuccess, { headers: [['content-length', '0']] }),
  ],
  'ends its lines without CR': [
    raw('HTTP/1.1 200 OK\ncontent-length: 2\n\nok', 'hold'),
    invalid('A line ends without CR'),
  ],
  'changes the protocol': [
    raw('HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n', 'hold'),
    failed('invalid_reply', 'The receiver wanted to change to another protocol (101)'),
  ],
  'answers twice at once, yes first': [raw(ok + no, 'hold'), accepted({ body: 'ok' })],
  'answers twice at once, no first': [raw(no + ok, 'hold'), rejected(500, onlySuccess, { body: 'no' })],

  'sends less than its Content-Length': [
    answers.wrongContentLength(100, 10),
    accepted({ body: 'a'.repeat(10), error: brokenOff }),
  ],
  'sends more than its Content-Length': [answers.wrongContentLength(10, 100), accepted({ body: 'a'.repeat(10) })],
  'states two lengths': [
    raw(`${OK}content-length: 1\r\ncontent-length: 2\r\n\r\na`, 'hold'),
    invalid('More than one Content-Length'),
  ],
  'states a length and chunks': [
    raw(`${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 'hold'),
    invalid('Content-Length beside Transfer-Encoding'),
  ],
  'states a negative length': [
    raw(`${OK}content-length: -1\r\n\r\n`, 'hold'),
    invalid('Invalid character in Content-Length'),
  ],
  'states a length beyond all numbers': [
    raw(`${OK}content-length: ${'9'.repeat(30)}\r\n\r\n`, 'hold'),
    invalid('Content-Length overflow'),
  ],
  'sends a chunk of no size': [
    raw(`${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n`, 'hold'),
    accepted({ body: 'abc', error: 'The body of the reply is not valid HTTP (Invalid character in chunk size)' }),
  ],
  'sends a chunk beyond all numbers': [
    raw(`${OK}transfer-encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\nabc`, 'hold'),
    accepted({ error: 'The body of the reply is not valid HTTP (Chunk size overflow)' }),
  ],
  'sends a gzip bomb': [answers.with(200, bomb, { 'content-encoding': 'gzip' }), accepted({ body: bomb })],
  'sends a gzip that is none': [
    answers.with(200, 'not zipped at all', { 'content-encoding': 'gzip' }),
    accepted({ body: 'not zipped at all' }),
  ],
  ...statuses,
};
