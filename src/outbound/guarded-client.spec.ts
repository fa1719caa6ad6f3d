import {
  type Answer,
  type Receiver,
  type ReceiverOptions,
  answers,
  startRawServer,
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

const post = (url: string, more: Partial<OutboundRequest> = {}, ms = 20_000) =>
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
    // A connection is not kept after a HEAD: some servers send a body all the same.
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
    ['TRACE', { method: 'trace' }],
  ])('%s is a value, and no credential is in it', async (_what, more) => {
    const receiver = await start();
    const { outcome, exchange } = await post(receiver.url(), more);
    expect(outcome).toMatchObject({ kind: 'failure', reason: 'invalid_request' });
    expect(JSON.stringify(outcome) + exchange.request.url).not.toContain('hunter2');
    expect(JSON.stringify(exchange.request)).not.toContain(String.raw`\u0000`);
    expect(receiver.connections).toBe(0);
  });

  test.each<[Partial<OutboundRequest>, string]>([
    [{ method: 'CONNECT' }, 'This request method cannot be used.'],
    [{ method: 'GET /x' }, 'This request method cannot be used.'],
    [{ headers: [['X Key', 'a']] }, 'One of the header names is not valid.'],
    [{ headers: [['Host', 'a']] }, 'The header Host cannot be set.'],
    [{ headers: [['X-Key', 'a\n']] }, 'The value of the header X-Key holds characters that headers cannot carry.'],
  ])('%j says what is wrong', async (more, message) => {
    expect((await post('http://127.0.0.1/', more)).outcome).toEqual({
      kind: 'failure',
      reason: 'invalid_request',
      message,
    });
  });

  test.each(['CONNECTED', 'RETRACE'])('a method of its own, %s, can be', async (method) => {
    const receiver = await start({ answer: answers.raw('HTTP/1.1 204 X\r\n\r\n') });
    const { outcome } = await post(receiver.url(), { method });
    expect(outcome).not.toMatchObject({ message: 'This request method cannot be used.' });
  });

  test.each([
    ['http://u:p@127.0.0.1/a?b#c', 'http://127.0.0.1/a?b#c'],
    ['ht\ntp:\t//u:p@h/', 'http://h/'],
    ['u:p@h', 'u:h'],
    ['ftp://h/a:b@c', 'ftp://h/a:b@c'],
  ])('%j stands in the log as %j', async (url, logged) => {
    const { exchange } = await post(url);
    expect(exchange.request.url).toBe(logged);
  });
});

describe('what went over the wire', () => {
  test('is kept with the headers as they were given, bytes in the body included', async () => {
    const receiver = await start();
    const { exchange } = await post(receiver.url('/a'), {
      headers: [
        ['X-One', '1'],
        ['X-One', '2'],
      ],
      body: Buffer.from([0, 255]),
    });
    expect(exchange.request).toEqual({
      method: 'POST',
      url: receiver.url('/a'),
      headers: [
        ['X-One', '1'],
        ['X-One', '2'],
      ],
    });
    expect(receiver.requests[0]!.body).toEqual(Buffer.from([0, 255]));
  });
});

describe('the bytes of a request', () => {
  test.each<[string, Partial<OutboundRequest>, string]>([
    ['POST', { body: 'grüß' }, 'Content-Length: 6\r\n\r\ngrüß'],
    ['POST', { body: Buffer.from('ab') }, 'Content-Length: 2\r\n\r\nab'],
    ['POST', { body: null }, 'Content-Length: 0\r\n\r\n'],
    ['PUT', { body: null }, 'Content-Length: 0\r\n\r\n'],
    ['PATCH', { body: '' }, 'Content-Length: 0\r\n\r\n'],
    ['GET', { body: null }, '\r\n'],
    ['DELETE', { body: '' }, '\r\n'],
    ['DELETE', { body: 'a' }, 'Content-Length: 1\r\n\r\na'],
  ])('%s with %j', async (method, more, end) => {
    let sent = Buffer.alloc(0);
    const server = keep(
      await startRawServer((socket) =>
        socket.on('data', (bytes) => {
          sent = Buffer.concat([sent, bytes]);
          socket.end('HTTP/1.1 204 X\r\n\r\n');
        }),
      ),
    );
    const url = `http://127.0.0.1:${server.port}/a?b`;
    expect((await post(url, { method, headers: [['X-Name', 'caf\xe9']], ...more })).outcome.kind).toBe('response');
    const head = [
      `${method} /a?b HTTP/1.1`,
      `Host: 127.0.0.1:${server.port}`,
      'Connection: keep-alive',
      'X-Name: caf\xe9\r\n',
    ].join('\r\n');
    expect(sent).toEqual(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(end)]));
  });
});

describe('a URL that is to be saved', () => {
  test('is judged as it would be called', async () => {
    expect(await client.checkUrl('http://127.0.0.1/')).toEqual({ kind: 'ok' });
    expect(await client.checkUrl('http://10.0.0.5/')).toMatchObject({ kind: 'refused' });
    expect(await client.checkUrl('nowhere')).toMatchObject({ kind: 'refused' });
    const own = { origin: 'http://10.0.0.5:3000/', pathPrefix: '/receiver//' };
    const withReceiver = keep(
      new GuardedClient({ guard: new AddressGuard({ allowedNetworks: [] }), ownReceiver: own }),
    );
    expect(await withReceiver.checkUrl('http://10.0.0.5:3000/receiver/a')).toEqual({ kind: 'ok' });
    expect(await withReceiver.checkUrl('http://10.0.0.5:3000/receiver')).toEqual({ kind: 'ok' });
    expect(await withReceiver.checkUrl('http://10.0.0.5:3000/other')).toMatchObject({ kind: 'refused' });
    expect(await withReceiver.checkUrl('nowhere')).toMatchObject({ kind: 'refused' });
  });
});

describe('the deadline', () => {
  test.each<[string, Answer]>([
    ['silence', answers.hang()],
    ['dripping headers', answers.dripHeaders()],
    ['slow 103s', answers.endlessInterim(103, 20)],
  ])('ends %s', async (_what, answer) => {
    const receiver = await start({ answer });
    const { outcome, exchange } = await post(receiver.url(), {}, 300);
    // A busy machine is late.
    const message = expect.stringMatching(/^No answer within [\d.]+ s$/);
    expect(outcome).toEqual({ kind: 'failure', reason: 'timeout', message });
    expect(exchange.durationMs).toBeLessThan(10_000);
    expect(client.openOrigins).toBe(0);
  });

  test('leaves the status standing when only the body is slow', async () => {
    const receiver = await start({ answer: answers.dripBody(200) });
    const { outcome, exchange } = await post(receiver.url(), {}, 300);
    expect(outcome).toEqual({ kind: 'response', status: 200 });
    expect(exchange.replyError).toMatch(/^The reply was not complete within [\d.]+ s$/);
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
