import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from '../../src/outbound/address-guard.js';
import { attempted, attemptsOf, comeDue, newDelivery } from '../support/deliveries.js';
import { entryOf, expectHealthyUndelayed, expectInLog, pageOf } from '../support/hostile-log.js';
import { callHostile, type HostileCase, type HostileRun } from '../support/hostile-run.js';
import { DEADLINE_SECONDS, failed, rejected, type Told } from '../support/hostile-told.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';

const OUTSIDE: Address = { address: '127.0.0.1', family: 4 };
const INSIDE: Address = { address: '127.0.0.2', family: 4 };
const v4 = (address: string): Address => ({ address, family: 4 });
const v6 = (address: string): Address => ({ address, family: 6 });

const askOperator =
  'Only public addresses are called; if this one is meant, ask the operator to add it to DELIVERY_ALLOWED_NETWORKS.';
const blockedName = (host: string) =>
  failed('blocked_address', `The name ${host} leads to an address that is not public. ${askOperator}`);
const blockedAddress = (address: string, kind: string) =>
  failed('blocked_address', `The address ${address} is ${kind}. ${askOperator}`);
const timedOut = (host: string) =>
  failed('timeout', `The name ${host} could not be found in DNS within ${DEADLINE_SECONDS} s`);

/** What the test's own DNS says when it is asked the n-th time, from 1. */
const names: Record<string, (n: number) => readonly Address[] | Promise<readonly Address[]>> = {
  'nothing.test': () => unknown('ENOTFOUND'),
  'empty.test': () => [],
  'down.test': () => unknown('EAI_AGAIN'),
  'silent.test': () => new Promise(() => {}),
  'late.test': () => late.promise,
  'private.test': () => [v4('10.20.30.40')],
  'loopback.test': () => [INSIDE],
  'mapped.test': () => [v6('::ffff:127.0.0.2')],
  'loopback6.test': () => [v6('::1')],
  'any.test': () => [v4('0.0.0.0')],
  'cloud.test': () => [v4('169.254.169.254')],
  'metadata.google.internal': () => [OUTSIDE],
  'mixed.test': () => [OUTSIDE, INSIDE],
  'nonsense.test': () => [v4('no address')],
  'moving.test': (n) => (n === 1 ? [OUTSIDE] : [INSIDE]),
  // A public address that nothing connects to: it is only looked at when the URL is saved.
  'saved.test': (n) => (n === 1 ? [v4('8.8.8.8')] : [INSIDE]),
};

const cases: Record<string, Told> = {
  'nothing.test': failed('dns', 'The name nothing.test could not be found in DNS (ENOTFOUND). Check its spelling.'),
  'empty.test': failed('dns', 'The name empty.test could not be found in DNS (ENODATA). Check its spelling.'),
  'down.test': failed('dns', 'DNS gave no answer for the name down.test (EAI_AGAIN). Its name server may be down.'),
  'silent.test': timedOut('silent.test'),
  'late.test': timedOut('late.test'),
  'private.test': blockedName('private.test'),
  'loopback.test': blockedName('loopback.test'),
  'mapped.test': blockedName('mapped.test'),
  'loopback6.test': blockedName('loopback6.test'),
  'any.test': blockedName('any.test'),
  'cloud.test': blockedName('cloud.test'),
  'metadata.google.internal': blockedName('metadata.google.internal'),
  'mixed.test': blockedName('mixed.test'),
  'nonsense.test': blockedName('nonsense.test'),
  'moving.test': rejected(503, 'It is not available at the moment.'),
  '127.0.0.2': blockedAddress('127.0.0.2', 'this machine itself'),
  '[::1]': blockedAddress('::1', 'this machine itself'),
  '10.20.30.40': blockedAddress('10.20.30.40', 'in a private network'),
  '169.254.169.254': failed(
    'blocked_address',
    "The address 169.254.169.254 is a cloud's metadata service. It is never called.",
  ),
};

const follow = 'Redirects are not followed: enter the URL that it leads to.';
const moved = 'It has moved, and redirects are not followed: enter the new URL.';
const redirects: Record<number, Told> = {
  301: rejected(301, moved),
  302: rejected(302, follow),
  303: rejected(303, 'Only 200 counts as success.'),
  307: rejected(307, follow),
  308: rejected(308, moved),
};

const late = Promise.withResolvers<readonly Address[]>();
const asked: string[] = [];
const redirecting: Receiver[] = [];
let outside: Receiver;
let inside: Receiver;
let run: HostileRun;

beforeAll(async () => {
  outside = await startReceiver({ answer: answers.with(503, '', { connection: 'close' }) });
  inside = await startReceiver({ host: INSIDE.address, port: outside.port });
  const called = new Map<string, HostileCase>();
  for (const [host, told] of Object.entries(cases)) {
    called.set(host, { url: `http://${host}:${outside.port}/hook`, told });
  }
  for (const [status, told] of Object.entries(redirects)) {
    const receiver = await startReceiver({ answer: answers.redirect(inside.url('/secret'), Number(status)) });
    redirecting.push(receiver);
    called.set(status, { url: receiver.url('/hook'), told });
  }
  run = await callHostile(called, { lookup });
}, 120_000);
afterAll(async () => {
  await run?.close();
  for (const receiver of [outside, inside, ...redirecting]) await receiver?.close();
});

describe('a host that is', () => {
  it.each(Object.keys(cases))('%s', async (host) => {
    await expectInLog(run, host, cases[host]!);
  });
});

describe('a receiver that sends the call on to a private address', () => {
  it.each(Object.keys(redirects))('with %s', async (status) => {
    await expectInLog(run, status, redirects[Number(status)]!);
    expect(inside.connections).toBe(0);
  });
});

describe('a name that leads first outside and then inside', () => {
  it('is asked once for each attempt, and the connection goes to that answer', async () => {
    const { id } = run.deliveries.get('moving.test')!;
    expect(asked.filter((name) => name === 'moving.test')).toHaveLength(1);
    expect(outside.requests.map(({ headers }) => headers.host)).toEqual([`moving.test:${outside.port}`]);

    await comeDue(run.onlooker, id);
    await attempted(run.worker, id, 2);
    expect((await attemptsOf(run.worker, id))[1]).toMatchObject({
      outcome: 'blocked_address',
      message: blockedName('moving.test').words,
    });
    expect(asked.filter((name) => name === 'moving.test')).toHaveLength(2);
  });

  it('passes when it is saved and is stopped when it is called', async () => {
    const { api } = run.watched;
    const url = `http://saved.test:${outside.port}/hook`;
    await api.put('/integration-preferences/transactional').send({ enabled: true, url }).expect(200);
    const id = await newDelivery(run.onlooker, run.watched);
    await attempted(run.worker, id, 1);
    expect((await entryOf(run, id)).attempts).toMatchObject([
      { outcome: 'blocked_address', message: blockedName('saved.test').words },
    ]);
  });
});

it('the log never tells to which address a name led', async () => {
  const { id } = run.deliveries.get('private.test')!;
  expect(JSON.stringify(await entryOf(run, id))).not.toContain('10.20.30.40');
  expect(await pageOf(run, id)).not.toContain('10.20.30.40');
});

it('an answer of DNS that comes after the deadline leads to no call', async () => {
  const before = outside.connections;
  late.resolve([OUTSIDE]);
  await sleep(200);
  expect(outside.connections).toBe(before);
});

it('nothing ever arrives inside', () => {
  expect(inside.connections).toBe(0);
});

it('a healthy webhook beside all of them is not delayed', () => {
  expectHealthyUndelayed(run);
});

async function lookup(hostname: string): Promise<readonly Address[]> {
  const count = asked.push(hostname);
  const answer = names[hostname] ?? (() => unknown('ENOTFOUND'));
  return answer(asked.slice(0, count).filter((name) => name === hostname).length);
}

function unknown(code: string): never {
  throw Object.assign(new Error(`getaddrinfo ${code}`), { code });
}
