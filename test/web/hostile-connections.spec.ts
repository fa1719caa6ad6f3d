import { complaintsAbout } from '../support/hostile-input-answers.js';
import type { Sent } from '../support/hostile-input-requests.js';
import { answersIn, exchangeBytes } from '../support/hostile-input-sockets.js';
import { useWeb, type TestWeb } from '../support/web.js';

let web: TestWeb;

useWeb((started) => {
  web = started;
});

const HOST = 'Host: answers.example.com';
const CLOSE = 'Connection: close';
const FORM = 'Content-Type: application/x-www-form-urlencoded';

function lines(...all: string[]): string {
  return [...all, '', ''].join('\r\n');
}

/** What is sent, what it gets, and to whom the answer is addressed. */
const messages: [string, string, number, Sent?][] = [
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 400],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['a blank in the address', lines('GET /sign in HTTP/1.1', HOST), 400],
  ['a method that HTTP has not', lines('STEAL /sign-in HTTP/1.1', HOST), 400],
  ['letters beyond ASCII in the address', lines('GET /\u00e9 HTTP/1.1', HOST), 400],
  ['a control character in a header', lines('GET /sign-in HTTP/1.1', HOST, 'X-A: a\x01b'), 400],
  ['a header without a name', lines('GET /sign-in HTTP/1.1', HOST, ': a'), 400],
  ['a header folded over two lines', lines('GET /sign-in HTTP/1.1', HOST, 'X-A: a', ' b'), 400],
  ['no Host', lines('GET /sign-in HTTP/1.1', CLOSE), 400, { method: 'GET', path: '/sign-in' }],
  ['no Host, to the API', lines('GET /api/v1/surveys HTTP/1.1', CLOSE), 400, { method: 'GET', path: '/api/v1/' }],
  ['two lengths', lines('POST /s/x HTTP/1.1', HOST, FORM, 'Content-Length: 5', 'Content-Length: 6'), 400],
  ['a length that is none', lines('POST /s/x HTTP/1.1', HOST, FORM, 'Content-Length: 1e3'), 400],
  [
    'a length and chunks',
    lines('POST /s/x HTTP/1.1', HOST, FORM, 'Content-Length: 5', 'Transfer-Encoding: chunked'),
    400,
  ],
  ['chunks that are none', `${lines('POST /s/x HTTP/1.1', HOST, FORM, 'Transfer-Encoding: chunked')}zz\r\n`, 400],
  [
    'endless words about a chunk',
    `${lines('POST /s/x HTTP/1.1', HOST, FORM, 'Transfer-Encoding: chunked')}5;${'a'.repeat(40_000)}`,
    413,
  ],
  ['an endless address', lines(`GET /${'a'.repeat(40_000)} HTTP/1.1`, HOST), 431],
  ['an endless header', lines('GET /sign-in HTTP/1.1', HOST, `X-A: ${'a'.repeat(40_000)}`), 431],
  ['three thousand headers', lines('GET /sign-in HTTP/1.1', HOST, ...Array<string>(3_000).fill('X-A: b')), 431],
  [
    'an expectation that nobody knows',
    lines('GET /sign-in HTTP/1.1', HOST, CLOSE, 'Expect: a-miracle'),
    417,
    { method: 'GET', path: '/sign-in' },
  ],
  ['a tunnel', lines('CONNECT internal.example:443 HTTP/1.1', HOST), 405],
  ['every address at once', lines('OPTIONS * HTTP/1.1', HOST, CLOSE), 400, { method: 'OPTIONS', path: '*' }],
  ['no address at all', lines('GET * HTTP/1.1', HOST, CLOSE), 400, { method: 'GET', path: '*' }],
  ['a host without a name', lines('GET http://?x HTTP/1.1', HOST, CLOSE), 400, { method: 'GET', path: '*' }],
  ['a host in half a bracket', lines('GET http://[::1/ HTTP/1.1', HOST, CLOSE), 400, { method: 'GET', path: '*' }],
  ['another scheme', lines('GET ftp://a.example/sign-in HTTP/1.1', HOST, CLOSE), 400, { method: 'GET', path: '*' }],
];

test.each(messages)('%s is refused in our own words, with every security header', async (...message) => {
  const [, bytes, status, sent = { method: 'ANY', path: '/api/' }] = message;
  const answers = answersIn(await exchangeBytes(web, bytes), sent);
  expect(answers.map((answer) => answer.status)).toEqual([status]);
  expect(answers.flatMap(complaintsAbout)).toEqual([]);
});

test('a request that names the host as to a proxy is taken as one to us, and by its path alone', async () => {
  const found = [];
  for (const path of ['/sign-in?returnTo=/a', '/api/v1/surveys']) {
    const received = await exchangeBytes(web, lines(`GET http://elsewhere.example${path} HTTP/1.1`, HOST, CLOSE));
    found.push(...answersIn(received, { method: 'GET', path }));
  }
  expect(found.map(({ status }) => status)).toEqual([200, 401]);
  expect(found.flatMap(complaintsAbout)).toEqual([]);
});

test('who waits to be told to go on is told so, and then answered', async () => {
  const head = lines('POST /s/unknown HTTP/1.1', HOST, CLOSE, FORM, 'Expect: 100-continue', 'Content-Length: 3');
  const received = await exchangeBytes(web, `${head}a=1`);
  expect(received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 404 /);
});
