import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  expiredCertificate,
  goodCertificate,
  selfSignedCertificate,
  testAuthority,
} from '../../test/support/certificates.js';
import { eventually } from '../../test/support/eventually.js';
import {
  type RawServer,
  type Receiver,
  type ReceiverOptions,
  answers,
  startRawServer,
  startReceiver,
} from '../../test/support/receivers.js';
import { AddressGuard, type Lookup } from './address-guard.js';
import { GuardedClient } from './guarded-client.js';

const open: { close(): Promise<void> }[] = [];
let client: GuardedClient;

const lookup: Lookup = async () => [{ address: '127.0.0.1', family: 4 }];

beforeEach(() => {
  const guard = new AddressGuard({ allowedNetworks: ['127.0.0.0/8'], lookup });
  client = new GuardedClient({ guard, ca: testAuthority });
  open.push(client);
});

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(options: ReceiverOptions = {}): Promise<Receiver> {
  const receiver = await startReceiver(options);
  open.push(receiver);
  return receiver;
}

const call = (url: string, ms = 20_000) =>
  client.call({ method: 'POST', url, headers: [], body: 'x' }, AbortSignal.timeout(ms));

describe('TLS', () => {
  test('the certificate is checked against the name, not the address', async () => {
    const receiver = await start({ tls: goodCertificate });
    const { outcome } = await call(`https://hooks.example.com:${receiver.port}/`);
    expect(outcome).toEqual({ kind: 'response', status: 200 });
    expect((await call(`https://hooks.example.com.:${receiver.port}/`)).outcome.kind).toBe('response');
  });

  test.each([
    ['for another name', goodCertificate, 'other.example.com', 'The certificate is not valid for other.example.com'],
    ['for a name at a bare address', goodCertificate, '127.0.0.1', 'The certificate is not valid for 127.0.0.1'],
    ['that expired', expiredCertificate, 'hooks.example.com', 'The certificate of hooks.example.com has expired'],
    ['self-signed', selfSignedCertificate, 'hooks.example.com', 'The certificate of hooks.example.com is self-signed'],
  ])('a certificate %s is refused before anything is sent', async (_what, tls, host, message) => {
    const receiver = await start({ tls });
    const { outcome } = await call(`https://${host}:${receiver.port}/`);
    expect(outcome).toEqual({ kind: 'failure', reason: 'tls', message });
    expect(receiver.requests).toHaveLength(0);
  });

  test('is not switched off by the environment', async () => {
    const receiver = await start({ tls: selfSignedCertificate });
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect((await call(`https://hooks.example.com:${receiver.port}/`)).outcome).toMatchObject({ reason: 'tls' });
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });

  test('plain HTTP behind an https URL is told apart', async () => {
    const receiver = await start();
    const { outcome } = await call(`https://hooks.example.com:${receiver.port}/`);
    expect(outcome).toMatchObject({ reason: 'tls', message: expect.stringContaining('http:// URL') });
  });

  test('a handshake that stalls ends at the deadline, and one that is cut at once', async () => {
    const silent = await startRawServer(() => {});
    open.push(silent);
    const { outcome } = await call(`https://hooks.example.com:${silent.port}/`, 1_000);
    expect(outcome).toMatchObject({
      reason: 'timeout',
      message: 'hooks.example.com took the connection, but did not make it secure (TLS) within 1 s',
    });
    const cut = await startRawServer((socket) => socket.destroy());
    open.push(cut);
    expect((await call(`https://hooks.example.com:${cut.port}/`)).outcome).toMatchObject({ reason: 'reset' });
  });

  test('a thousand bad certificates leave nothing behind', async () => {
    const receiver = await start({ tls: selfSignedCertificate });
    for (let round = 0; round < 20; round++) {
      const calls = Array.from({ length: 50 }, (_, i) =>
        call(`https://h${round}-${i}.example.com:${receiver.port}/`, 9_000),
      );
      for (const { outcome } of await Promise.all(calls)) expect(outcome).toMatchObject({ reason: 'tls' });
    }
    expect(client.openOrigins).toBe(0);
  });
});

describe('connections', () => {
  test('are kept and used again, and gone after some seconds of idleness', async () => {
    const receiver = await start({ tls: goodCertificate });
    for (let i = 0; i < 5; i++) await call(`https://hooks.example.com:${receiver.port}/`);
    expect(receiver.connections).toBe(1);
    expect(client.openOrigins).toBe(1);
    await sleep(1_000);
    expect(client.openOrigins).toBe(1);
    await eventually(() => client.openOrigins === 0);
  });

  test('a connection that the receiver closed while idle costs no call', async () => {
    const receiver = await start();
    await call(receiver.url());
    receiver.cut();
    await eventually(() => client.openOrigins === 0);
    expect((await call(receiver.url())).outcome).toEqual({ kind: 'response', status: 200 });
    expect(receiver.connections).toBe(2);
  });

  test('that the receiver closes while idle are forgotten at once', async () => {
    const receiver = await start();
    await Promise.all([call(receiver.url()), call(receiver.url())]);
    expect(client.openOrigins).toBe(1);
    receiver.cut();
    await eventually(() => client.openOrigins === 0);
  });

  test('are ended when the reply was not read to its end', async () => {
    const reply = 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc';
    const { server, ended } = await startEndingServer(reply);
    expect((await call(`http://127.0.0.1:${server.port}/`, 300)).outcome).toEqual({ kind: 'response', status: 200 });
    await ended;
    expect(client.openOrigins).toBe(0);
  });

  test('that are idle end when the client closes', async () => {
    const { server, ended } = await startEndingServer('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    await call(`http://127.0.0.1:${server.port}/`);
    expect(client.openOrigins).toBe(1);
    const closedAt = performance.now();
    await client.close();
    await ended;
    // By themselves they would end 4 s after their use.
    expect(performance.now() - closedAt).toBeLessThan(3_000);
    expect(client.openOrigins).toBe(0);
    // Whoever calls later is served, and leaves nothing behind.
    expect((await call(`http://127.0.0.1:${server.port}/`)).outcome.kind).toBe('response');
    expect(client.openOrigins).toBe(0);
  });

  test('at most 64 go to one origin; the next call waits its turn', async () => {
    const receiver = await start({ answer: answers.after(100, 200) });
    const outcomes = await Promise.all(Array.from({ length: 130 }, () => call(receiver.url(), 5_000)));
    expect(outcomes.every(({ outcome }) => outcome.kind === 'response')).toBe(true);
    expect(receiver.connections).toBe(64);
  });

  test('whoever waits for a turn in vain has a timeout that says so', async () => {
    const receiver = await start({ answer: answers.hang() });
    const hanging = Array.from({ length: 64 }, () => call(receiver.url(), 20_000));
    const { outcome } = await call(receiver.url(), 200);
    expect(outcome).toMatchObject({ reason: 'timeout', message: expect.stringContaining('too many calls') });
    await receiver.received(64);
    receiver.cut();
    await Promise.all(hanging);
    expect(client.openOrigins).toBe(0);
    receiver.answer = 200;
    expect((await call(receiver.url())).outcome.kind).toBe('response');
  });

  test('one that ends in the middle frees one turn and no more', async () => {
    const receiver = await start({ answer: answers.inTurn(answers.after(200, answers.reset()), answers.hang()) });
    const hanging = Array.from({ length: 64 }, () => call(receiver.url(), 20_000));
    const { outcome } = await Promise.race(hanging);
    expect(outcome).toMatchObject({ reason: 'reset' });
    hanging.push(call(receiver.url(), 20_000));
    await receiver.received(65);
    expect((await call(receiver.url(), 200)).outcome).toMatchObject({
      message: expect.stringContaining('too many calls'),
    });
    receiver.cut();
    await Promise.all(hanging);
  });

  test('bytes that arrive between two calls never become an answer', async () => {
    const reply = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
    const receiver = await start({ answer: answers.inTurn(answers.raw(reply + reply, 'hold'), 500) });
    expect((await call(receiver.url())).outcome).toEqual({ kind: 'response', status: 200 });
    expect((await call(receiver.url())).outcome).toEqual({ kind: 'response', status: 500 });
    expect(receiver.connections).toBe(2);
  });

  test('one on which something comes while nobody has asked is left at once', async () => {
    const server = await startRawServer((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
      setTimeout(() => socket.write('HTTP/1.1 200 OK\r\n'), 300);
    });
    open.push(server);
    // By itself it would end 4 s after its use.
    expect(await keptMsAfterCall(server)).toBeLessThan(3_000);
  });

  test('are left before the receiver would close them', async () => {
    const reply = 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=2\r\ncontent-length: 0\r\n\r\n';
    const { server } = await startEndingServer(reply);
    expect(await keptMsAfterCall(server)).toBeLessThan(2_000);
  });

  test('one whose request is not sent to its end carries no other, however early its reply came', async () => {
    const reply = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
    const server = await startRawServer((socket) => socket.once('data', () => socket.pause().write(reply)));
    open.push(server);
    const url = `http://127.0.0.1:${server.port}/`;
    const body = 'x'.repeat(16_000_000);
    const large = await client.call({ method: 'POST', url, headers: [], body }, AbortSignal.timeout(20_000));
    expect(large.outcome).toEqual({ kind: 'response', status: 200 });
    expect((await call(url)).outcome).toEqual({ kind: 'response', status: 200 });
    expect(server.connections).toBe(2);
  });

  test.each([
    ['TLS', goodCertificate],
    ['plain HTTP', undefined],
  ])('many at once over %s, all read into the same memory, keep their replies apart', async (_what, tls) => {
    const receiver = await start({
      ...(tls && { tls }),
      answer: ({ body }, response) => {
        for (let at = 0; at < body.length; at += 10_000) response.write(body.subarray(at, at + 10_000));
        response.end();
      },
    });
    const url = `http${tls ? 's' : ''}://hooks.example.com:${receiver.port}/`;
    const bodies = Array.from({ length: 100 }, () => randomBytes(60_000));
    const calls = bodies.map((body) =>
      client.call({ method: 'POST', url, headers: [], body }, AbortSignal.timeout(20_000)),
    );
    for (const [index, { exchange }] of (await Promise.all(calls)).entries()) {
      expect(exchange.replyError).toBeNull();
      expect(exchange.replyBody.equals(bodies[index]!)).toBe(true);
    }
  });

  test('closing waits for the calls under way and lets go of everything', async () => {
    const receiver = await start({ answer: answers.after(100, 200) });
    let ended = false;
    const underWay = call(receiver.url()).finally(() => {
      ended = true;
    });
    await receiver.received(1);
    await client.close();
    expect(ended).toBe(true);
    expect((await underWay).outcome).toEqual({ kind: 'response', status: 200 });
    expect(client.openOrigins).toBe(0);
  });
});

/** Makes one call, and answers for how many milliseconds its connection was kept. */
async function keptMsAfterCall({ port }: RawServer): Promise<number> {
  await call(`http://127.0.0.1:${port}/`);
  expect(client.openOrigins).toBe(1);
  const answeredAt = performance.now();
  await eventually(() => client.openOrigins === 0);
  return performance.now() - answeredAt;
}

/** Answers each request with these bytes; `ended` resolves when the caller has closed its first connection. */
async function startEndingServer(reply: string): Promise<{ server: RawServer; ended: Promise<void> }> {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const server = await startRawServer((socket) => {
    socket.on('data', () => socket.write(reply));
    socket.once('close', () => resolve());
  });
  open.push(server);
  return { server, ended };
}
