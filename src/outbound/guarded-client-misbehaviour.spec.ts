import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Answer,
  type Receiver,
  type ReceiverOptions,
  answers,
  startRawServer,
  startReceiver,
} from '../../test/support/receivers.js';
import { AddressGuard } from './address-guard.js';
import { GuardedClient } from './guarded-client.js';

const open: { close(): Promise<void> }[] = [];
let client: GuardedClient;

beforeEach(() => {
  client = new GuardedClient({ guard: new AddressGuard({ allowedNetworks: ['127.0.0.0/8'] }) });
  open.push(client);
});

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(options: ReceiverOptions): Promise<Receiver> {
  const receiver = await startReceiver(options);
  open.push(receiver);
  return receiver;
}

const post = (url: string) =>
  client.call({ method: 'POST', url, headers: [], body: '{}' }, AbortSignal.timeout(20_000));

describe('a misbehaving receiver', () => {
  test.each<[string, Answer, string]>([
    ['resets', answers.reset(), 'reset'],
    ['closes without a word', answers.raw(''), 'reset'],
    ['closes within the headers', answers.raw('HTTP/1.1 200 OK\r\nx-a: b'), 'reset'],
    ['speaks another protocol', answers.garbage(), 'invalid_reply'],
    [
      'sends headers without end',
      answers.raw(`HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(100_000)}`, 'hold'),
      'invalid_reply',
    ],
    [
      'sends two lengths',
      answers.raw('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n'),
      'invalid_reply',
    ],
    [
      'changes the protocol',
      answers.raw('HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      'invalid_reply',
    ],
    ['floods with 103', answers.endlessInterim(103), 'invalid_reply'],
    ['floods with 100', answers.endlessInterim(100), 'invalid_reply'],
  ])('that %s is a failure', async (_what, answer, reason) => {
    const receiver = await start({ answer });
    const { outcome, exchange } = await post(receiver.url());
    expect(outcome).toMatchObject({ kind: 'failure', reason, message: expect.stringMatching(/^[A-Z].+[^.]$/) });
    expect(exchange).toMatchObject({ status: null, replyError: null });
    expect(receiver.requests).toHaveLength(1);
  });

  test.each<[string, Answer, RegExp, string]>([
    ['a short body', answers.wrongContentLength(), /closed the connection before the reply was complete/, 'aaaaaaaaaa'],
    [
      'bad chunking',
      answers.raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n'),
      /^The body of the reply is not valid HTTP \(.*chunk size\)/,
      'abc',
    ],
    [
      'a reset',
      answers.raw('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc', 'reset'),
      /closed the connection/,
      'abc',
    ],
  ])('that breaks its body with %s has answered all the same', async (_what, answer, error, body) => {
    const receiver = await start({ answer });
    const { outcome, exchange } = await post(receiver.url());
    expect(outcome).toEqual({ kind: 'response', status: 200 });
    expect(exchange.replyError).toMatch(error);
    expect(exchange.replyBody.toString()).toBe(body);
  });

  test('that never ends its body is read for 64 KiB and left', async () => {
    const receiver = await start({ answer: answers.endlessBody(500) });
    const { outcome, exchange } = await post(receiver.url());
    expect(outcome).toEqual({ kind: 'response', status: 500 });
    expect(exchange).toMatchObject({ replyTruncated: true, replyError: null });
    expect(exchange.replyBody).toHaveLength(64 * 1024);
    expect(exchange.durationMs).toBeLessThan(10_000);
    expect(client.openOrigins).toBe(0);
  });

  test('that answers before it has read the request has answered', async () => {
    const early = 'HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';
    const receiver = await startRawServer((socket) => socket.once('data', () => socket.end(early)));
    open.push(receiver);
    const request = {
      method: 'POST',
      url: `http://127.0.0.1:${receiver.port}/`,
      headers: [],
      body: 'x'.repeat(4_000_000),
    };
    const { outcome } = await client.call(request, AbortSignal.timeout(20_000));
    expect(outcome).toEqual({ kind: 'response', status: 413 });
  });

  test('a body of exactly 64 KiB is complete', async () => {
    const receiver = await start({ answer: answers.with(200, Buffer.alloc(64 * 1024), { 'content-length': '65536' }) });
    const { exchange } = await post(receiver.url());
    expect(exchange).toMatchObject({ replyTruncated: false, replyError: null });
    expect(exchange.replyBody).toHaveLength(64 * 1024);
  });

  test('a body of exactly 64 KiB whose length was not said may have been longer', async () => {
    const head = 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n';
    const receiver = await start({ answer: answers.raw(head + 'a'.repeat(64 * 1024)) });
    expect((await post(receiver.url())).exchange).toMatchObject({ replyTruncated: true, replyError: null });
  });

  test('a body whose length was not said is whole when the connection ends behind it', async () => {
    const receiver = await start({ answer: answers.raw('HTTP/1.1 200 OK\r\n\r\nabc') });
    const { exchange } = await post(receiver.url());
    expect(exchange).toMatchObject({ replyBody: Buffer.from('abc'), replyTruncated: false, replyError: null });
  });

  test('its length is found among other headers', async () => {
    const head = 'HTTP/1.1 200 OK\r\nx-a: 1\r\ncontent-length: 65536\r\n\r\n';
    const receiver = await start({ answer: answers.raw(head + 'a'.repeat(64 * 1024)) });
    expect((await post(receiver.url())).exchange).toMatchObject({ replyTruncated: false });
  });

  test('a body in pieces is put together', async () => {
    const pieces = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(1_500));
    const receiver = await start({
      answer: async (_request, response) => {
        response.writeHead(200);
        for (const piece of pieces) {
          response.write(piece);
          await sleep(10);
        }
        response.end();
      },
    });
    expect((await post(receiver.url())).exchange.replyBody.toString()).toBe(pieces.join(''));
  });

  test.each([
    [100, { kind: 'response', status: 200 }],
    [101, { kind: 'failure', reason: 'invalid_reply' }],
  ])('that sends %d interim replies is %j', async (count, expected) => {
    const final = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
    const receiver = await start({ answer: answers.raw('HTTP/1.1 103 X\r\n\r\n'.repeat(count) + final, 'hold') });
    expect((await post(receiver.url())).outcome).toMatchObject(expected);
  });

  test.each([
    ['100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['103', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'],
    ['100 behind an empty line', '\r\nHTTP/1.1 100 Continue\r\n\r\n'],
    ['empty lines and 103', '\r\n\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n\r\n'],
    ['both', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'],
  ])('that sends %s before its answer has given that answer', async (_what, interim) => {
    const final = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
    const receiver = await start({ answer: answers.raw(interim + final, 'hold') });
    const { outcome, exchange } = await post(receiver.url());
    expect(outcome).toEqual({ kind: 'response', status: 200 });
    expect(exchange.replyBody.toString()).toBe('ok');
    expect(exchange.replyHeaders).toEqual([['content-length', '2']]);
  });

  test.each(['1.0', '1.1'])(
    'that sends its interim replies byte by byte, of HTTP/%s, is understood',
    async (version) => {
      const bytes = `HTTP/${version} 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`;
      const receiver = await start({
        answer: async (_request, response) => {
          for (const byte of bytes) {
            response.socket?.write(byte);
            await sleep(1);
          }
        },
      });
      expect((await post(receiver.url())).outcome).toEqual({ kind: 'response', status: 200 });
    },
  );
});
