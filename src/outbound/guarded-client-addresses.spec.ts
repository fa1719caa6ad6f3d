import { type Receiver, type ReceiverOptions, answers, startReceiver } from '../../test/support/receivers.js';
import { type Address, AddressGuard } from './address-guard.js';
import { GuardedClient, type GuardedClientOptions } from './guarded-client.js';

const v4 = (address: string): Address => ({ address, family: 4 });
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(options: ReceiverOptions = {}): Promise<Receiver> {
  const receiver = await startReceiver(options);
  open.push(receiver);
  return receiver;
}

/** A client whose DNS answers `answer(n)` to the n-th question, and that says which names it asked. */
function clientWith(
  allowedNetworks: string[],
  answer: (n: number) => readonly Address[] = () => [],
  more: Partial<GuardedClientOptions> = {},
) {
  const asked: string[] = [];
  const lookup = async (hostname: string): Promise<readonly Address[]> => answer(asked.push(hostname));
  const client = new GuardedClient({ guard: new AddressGuard({ allowedNetworks, lookup }), ...more });
  open.push(client);
  const get = (url: string, ms = 20_000) =>
    client.call({ method: 'GET', url, headers: [], body: null }, AbortSignal.timeout(ms));
  return { client, get, asked };
}

describe('a loopback port that listens gets no connection', () => {
  test.each([
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '127.0.0.1.',
    '\uff11\uff12\uff17.0.0.1',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '%31%32%37.0.0.1',
    '0',
    '0.0.0.0',
    '[::]',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
  ])('at http://%s', async (host) => {
    const receiver = await start({ host: host.includes('::') && !host.includes('7') ? '::' : '0.0.0.0' });
    const { get, asked } = clientWith([]);
    const { outcome } = await get(`http://${host}:${receiver.port}/`);
    expect(outcome).toMatchObject({ kind: 'failure', reason: 'blocked_address' });
    expect(asked).toEqual([]);
    expect(receiver.connections).toBe(0);
  });

  test('through a name, and the message does not give the address away', async () => {
    const receiver = await start();
    const { get } = clientWith([], () => [v4('127.0.0.1')]);
    const { outcome } = await get(`http://localhost:${receiver.port}/`);
    expect(outcome).toMatchObject({ kind: 'failure', reason: 'blocked_address' });
    expect(JSON.stringify(outcome)).not.toContain('127.0.0.1');
    expect(receiver.connections).toBe(0);
  });

  test('through a mixed answer, good address first', async () => {
    const receiver = await start();
    const { get } = clientWith(['127.0.0.0/8'], () => [v4('127.0.0.1'), v4('10.0.0.1')]);
    expect((await get(`http://a.test:${receiver.port}/`)).outcome).toMatchObject({ reason: 'blocked_address' });
    expect(receiver.connections).toBe(0);
  });
});

test('a name is resolved once and the connection goes to that answer, whatever DNS says next', async () => {
  const allowed = await start({ host: '127.0.0.1' });
  const forbidden = await start({ host: '127.0.0.2', port: allowed.port });
  const { get, asked } = clientWith(['127.0.0.1/32'], (n) => [v4(n === 1 ? '127.0.0.1' : '127.0.0.2')]);
  expect((await get(`http://rebind.test:${allowed.port}/`)).outcome).toEqual({ kind: 'response', status: 200 });
  expect(asked).toEqual(['rebind.test']);
  expect(allowed.requests[0]?.headers.host).toBe(`rebind.test:${allowed.port}`);
  expect(forbidden.connections).toBe(0);
});

test('a new connection asks DNS again, and a name that moved inside is refused', async () => {
  const receiver = await start({ answer: answers.with(200, '', { connection: 'close' }) });
  const { get } = clientWith(['127.0.0.1/32'], (n) => [v4(n === 1 ? '127.0.0.1' : '127.0.0.2')]);
  expect((await get(`http://rebind.test:${receiver.port}/`)).outcome.kind).toBe('response');
  expect((await get(`http://rebind.test:${receiver.port}/`)).outcome).toMatchObject({ reason: 'blocked_address' });
  expect(receiver.connections).toBe(1);
});

test('the next vetted address is tried when one refuses', async () => {
  // Of all ports, one that no other test's receiver has on 127.0.0.1.
  const first = await start();
  const receiver = await start({ host: '127.0.0.3', port: first.port });
  await first.close();
  const { get } = clientWith(['127.0.0.0/8'], () => [v4('127.0.0.1'), v4('127.0.0.2'), v4('127.0.0.3')]);
  expect((await get(`http://many.test:${receiver.port}/`)).outcome).toEqual({ kind: 'response', status: 200 });
});

test('when all of them refuse, so does the call', async () => {
  const receiver = await start();
  await receiver.close();
  const { get } = clientWith(['127.0.0.0/8'], () => [v4('127.0.0.1'), v4('127.0.0.2')]);
  expect((await get(`http://many.test:${receiver.port}/`)).outcome).toEqual({
    kind: 'failure',
    reason: 'refused',
    message: 'many.test refused the connection',
  });
});

test('an unknown name is a DNS failure, and a DNS that is silent ends at the deadline', async () => {
  const { get } = clientWith([], () => {
    throw Object.assign(new Error('x'), { code: 'ENOTFOUND' });
  });
  expect((await get('http://nowhere.test/')).outcome).toMatchObject({ reason: 'dns' });
  const guard = new AddressGuard({ allowedNetworks: [], lookup: () => new Promise(() => {}) });
  const client = new GuardedClient({ guard });
  const request = { method: 'GET', url: 'http://slow.test/', headers: [], body: null };
  expect((await client.call(request, AbortSignal.timeout(100))).outcome).toEqual({
    kind: 'failure',
    reason: 'timeout',
    message: expect.stringMatching(/^The name slow\.test could not be found in DNS within [\d.]+ s$/),
  });
});

async function startOwnReceiver() {
  const receiver = await start();
  const ownReceiver = { origin: receiver.origin, pathPrefix: '/receiver/' };
  return { receiver, ...clientWith([], () => [v4('127.0.0.1')], { ownReceiver }) };
}

describe('the own receiver', () => {
  test.each(['/receiver', '/receiver/', '/receiver/inbox/1?x=%2e%2e', '/api/../receiver/a'])(
    'takes %s',
    async (path) => {
      const { receiver, client, get } = await startOwnReceiver();
      expect((await get(receiver.origin + path)).outcome).toEqual({ kind: 'response', status: 200 });
      expect(await client.checkUrl(receiver.origin + path)).toEqual({ kind: 'ok' });
    },
  );

  test.each([
    '/',
    '/api',
    '/receiverx',
    '/Receiver/a',
    '/receiver/../api',
    '/receiver/%2e%2e/api',
    '/receiver/.%2E/api',
    '/receiver\\..\\api',
    '/receiver/..%2fapi',
    '/receiver/%252e%252e/api',
    '/receiver/..;/api',
    '/receiver/a%00',
    '/x?/receiver/',
    '/x#/receiver/',
    '//receiver/',
  ])('does not cover %s', async (path) => {
    const { receiver, client, get } = await startOwnReceiver();
    expect((await get(receiver.origin + path)).outcome).toMatchObject({ kind: 'failure', reason: 'blocked_address' });
    expect(await client.checkUrl(receiver.origin + path)).toMatchObject({ kind: 'refused' });
    expect(receiver.connections).toBe(0);
  });

  test('its kept connection serves no other path of the same origin', async () => {
    const { receiver, get } = await startOwnReceiver();
    await get(receiver.url('/receiver/a'));
    expect((await get(receiver.url('/api'))).outcome).toMatchObject({ reason: 'blocked_address' });
    expect((await get(receiver.url('/receiver/b'))).outcome.kind).toBe('response');
    expect(receiver.connections).toBe(1);
  });

  test('another name or scheme of the same port is not it', async () => {
    const { receiver, get } = await startOwnReceiver();
    for (const origin of [`http://other.test:${receiver.port}`, `https://127.0.0.1:${receiver.port}`]) {
      expect((await get(`${origin}/receiver/`)).outcome).toMatchObject({ reason: 'blocked_address' });
    }
    expect(receiver.connections).toBe(0);
  });
});
