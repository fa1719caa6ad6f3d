import {
  type Answer,
  type Receiver,
  type ReceiverOptions,
  answers,
  startReceiver,
} from '../../test/support/receivers.js';
import { AddressGuard } from './address-guard.js';
import { GuardedClient, type OutboundRequest } from './guarded-client.js';

const loopback = ['127.0.0.0/8', '::1/128'];
const open: { close(): Promise<void> }[] = [];
let client: GuardedClient;

beforeEach(() => {
  client = keep(new GuardedClient({ guard: new AddressGuard({ allowedNetworks: loopback }) }));
});

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function keep<T extends { close(): Promise<void> }>(one: T): T {
  open.push(one);
  return one;
}

const start = async (options: ReceiverOptions = {}): Promise<Receiver> => keep(await startReceiver(options));

const post = (url: string, more: Partial<OutboundRequest> = {}, ms = 2_000) =>
  client.call({ method: 'POST', url, headers: [], body: '{}', ...more }, AbortSignal.timeout(ms));

describe('a call', () => {
  test('sends method, path, headers and body as given and brings the reply back', async () => {
    const receiver = await start({ answer: answers.with(201, 'thanks', { 'X-Reply': 'yes' }) });
    const { outcome, exchange } = await post(receiver.url('/a%20b?c=d#e'), {
      method: 'PUT',
      headers: [
        ['X-Two', '1'],
        ['X-Two', '2'],
      ],
      body: 'grüß',
    });
    expect(outcome).toEqual({ kind: 'response', status: 201 });
    expect(exchange.replyBody.toString()).toBe('thanks');
    expect(exchange.replyHeaders).toContainEqual(['X-Reply', 'yes']);
    expect(exchange).toMatchObject({ replyTruncated: false, replyError: null, status: 201 });
    const [request] = receiver.requests;
    expect(request).toMatchObject({ method: 'PUT', path: '/a%20b?c=d', body: Buffer.from('grüß') });
    expect(request?.headers).toMatchObject({ host: `127.0.0.1:${receiver.port}`, 'x-two': '1, 2' });
  });

  test.each(['GET', 'HEAD', 'DELETE', 'PATCH'])('%s without a body works, on one connection', async (method) => {
    const receiver = await start({ answer: answers.with(200, method === 'HEAD' ? '' : 'body') });
    for (let i = 0; i < 3; i++) {
      const { outcome } = await post(receiver.url(), { method, body: null });
      expect(outcome).toEqual({ kind: 'response', status: 200 });
    }
    // undici closes after a HEAD, against servers that send a body all the same.
    expect(receiver.connections).toBe(method === 'HEAD' ? 3 : 1);
  });

  test('works over IPv6', async () => {
    const receiver = await start({ host: '::1' });
    expect((await post(receiver.url())).outcome).toEqual({ kind: 'response', status: 200 });
    expect(receiver.requests[0]?.headers.host).toBe(`[::1]:${receiver.port}`);
  });

  test.each([204, 304, 404, 410, 429, 500, 999])('status %d is a response', async (status) => {
    const receiver = await start({ answer: answers.raw(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`) });
    expect((await post(receiver.url())).outcome).toEqual({ kind: 'response', status });
  });

  test.each([301, 302, 303, 307, 308])('a %d redirect is not followed', async (status) => {
    const elsewhere = await start();
    const receiver = await start({ answer: answers.redirect(elsewhere.url('/'), status) });
    expect((await post(receiver.url())).outcome).toEqual({ kind: 'response', status });
    expect(elsewhere.connections).toBe(0);
  });

  test('no proxy of the environment is used', async () => {
    const proxy = await start();
    const receiver = await start();
    const before = process.env['HTTP_PROXY'];
    process.env['HTTP_PROXY'] = proxy.origin;
    try {
      expect((await post(receiver.url())).outcome.kind).toBe('response');
    } finally {
      if (before === undefined) delete process.env['HTTP_PROXY'];
      else process.env['HTTP_PROXY'] = before;
    }
    expect(proxy.connections).toBe(0);
  });

  test('a gzip bomb stays as small as it came', async () => {
    const receiver = await start({ answer: answers.gzipBomb() });
    const { outcome, exchange } = await post(receiver.url());
    expect(outcome).toEqual({ kind: 'response', status: 200 });
    expect(exchange.replyBody.length).toBeLessThanOrEqual(64 * 1024);
    expect([...exchange.replyBody.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
  });

  test('odd header bytes arrive as text that a database can hold', async () => {
    const head = Buffer.from('HTTP/1.1 200 OK\r\nx-utf8: grüß\r\nx-latin: ', 'utf8');
    const rest = Buffer.from('caf\xe9\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n', 'latin1');
    const receiver = await start({ answer: answers.raw(Buffer.concat([head, rest])) });
    expect((await post(receiver.url())).exchange.replyHeaders).toEqual([
      ['x-utf8', 'grüß'],
      ['x-latin', 'café'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['content-length', '0'],
    ]);
  });
});

describe('a request that cannot be sent', () => {
  test.each<[string, Partial<OutboundRequest>]>([
    ['a URL without scheme', { url: 'example.com' }],
    ['another scheme', { url: 'ftp://example.com/' }],
    ['a password in the URL', { url: 'http://u:hunter2@127.0.0.1/' }],
    ['a broken URL with a password', { url: 'http://u:hunter2@127.0.0.1:99999/' }],
    ["a database's port", { url: 'http://127.0.0.1:5432/' }],
    ['a password in a URL with line breaks', { url: 'http:/\n/u:hunter2@127.0.0.1/' }],
    ['U+0000 in URL and header', { url: 'http://a\0b/', headers: [['X-A', 'a\0b']] }],
    ['a line break in a header', { headers: [['X-Key', 'hunter2\r\nX-Evil: 1']] }],
    ['a character no header carries', { headers: [['X-Key', 'hunter2 ☃']] }],
    ['a bad header name', { headers: [['X Key', 'hunter2']] }],
    ['another Host', { headers: [['Host', 'hunter2']] }],
    ['its own framing', { headers: [['Transfer-Encoding', 'chunked']] }],
    ['a bad method', { method: 'GET /x' }],
    ['CONNECT', { method: 'CONNECT' }],
  ])('%s is a value, and no credential is in it', async (_what, more) => {
    const receiver = await start();
    const { outcome, exchange } = await post(receiver.url(), more);
    expect(outcome).toMatchObject({ kind: 'failure', reason: 'invalid_request' });
    expect(JSON.stringify(outcome) + exchange.request.url).not.toContain('hunter2');
    expect(JSON.stringify(exchange.request)).not.toContain(String.raw`\u0000`);
    expect(receiver.connections).toBe(0);
  });
});

describe('the deadline', () => {
  test.each<[string, Answer, string]>([
    ['silence', answers.hang(), 'No answer within 0.3 s'],
    ['dripping headers', answers.dripHeaders(), 'No answer within 0.3 s'],
    ['slow 103s', answers.endlessInterim(103, 20), 'No answer within 0.3 s'],
  ])('ends %s', async (_what, answer, message) => {
    const receiver = await start({ answer });
    const { outcome, exchange } = await post(receiver.url(), {}, 300);
    expect(outcome).toEqual({ kind: 'failure', reason: 'timeout', message });
    expect(exchange.durationMs).toBeLessThan(600);
    expect(client.openOrigins).toBe(0);
  });

  test('leaves the status standing when only the body is slow', async () => {
    const receiver = await start({ answer: answers.dripBody(200) });
    const { outcome, exchange } = await post(receiver.url(), {}, 300);
    expect(outcome).toEqual({ kind: 'response', status: 200 });
    expect(exchange.replyError).toBe('The reply was not complete within 0.3 s');
    expect(exchange.replyBody.toString()).toMatch(/^a+$/);
  });

  test('a signal that fires for another reason is no timeout', async () => {
    const receiver = await start({ answer: answers.hang() });
    const stop = new AbortController();
    const call = client.call({ method: 'GET', url: receiver.url(), headers: [], body: null }, stop.signal);
    await receiver.received(1);
    stop.abort(new Error('shutting down'));
    expect((await call).outcome).toMatchObject({ kind: 'failure', reason: 'aborted' });
    const tooLate = await client.call({ method: 'GET', url: receiver.url(), headers: [], body: null }, stop.signal);
    expect(tooLate.outcome).toMatchObject({ kind: 'failure', reason: 'aborted' });
    expect(receiver.connections).toBe(1);
  });
});
