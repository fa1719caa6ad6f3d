import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  callApi,
  freePort,
  isRunning,
  killStarted,
  newDataDir,
  postmasterPid,
  removeDataDir,
  spawnCommand,
  startCommand,
  type RunningCommand,
} from '../support/command.js';
import { createEmptyDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';

/** Within this the command has to end, whatever it is doing. */
const STOPS_WITHIN_MS = 20_000;

interface Deliveries {
  deliveries: { webhookId: string; status: string; ticketId: string; attemptCount: number }[];
}

let dataDir: string;
let port: number;

beforeAll(async () => {
  dataDir = await newDataDir();
  port = await freePort();
});
afterEach(() => killStarted());
afterAll(() => removeDataDir(dataDir));

async function answer(link: string, overall: string): Promise<void> {
  const response = await fetch(link, {
    method: 'POST',
    body: new URLSearchParams({ overall, factors: 'Responsiveness', comments: 'You guys rock!' }),
    redirect: 'manual',
  });
  expect(response.status).toBe(303);
}

async function delivered(running: RunningCommand, count: number): Promise<Deliveries['deliveries']> {
  return eventually(async () => {
    const { deliveries } = await callApi<Deliveries>(running, 'deliveries');
    return deliveries.filter((delivery) => delivery.status === 'succeeded').length === count && deliveries;
  });
}

async function endsInTime(running: RunningCommand, withinMs = STOPS_WITHIN_MS): Promise<number | null> {
  const began = performance.now();
  const code = await running.ended;
  expect(performance.now() - began).toBeLessThan(withinMs);
  return code;
}

function surveyLink(running: RunningCommand): string {
  return /A survey +(\S+)/.exec(running.output())![1]!;
}

test('the first start prints what a newcomer needs; an answer is delivered; SIGTERM to npm ends everything', async () => {
  const running = await startCommand({ dataDir, port, through: 'npm', variables: { ADMIN_EMAIL: 'ada@example.com' } });
  expect(running.output()).toMatch(/Portal +http:\/\/localhost:\d+\//);
  expect(running.output()).toMatch(/E-mail +ada@example\.com/);
  expect(running.output()).toMatch(/Password +\S{22} +\(shown once\)/);
  expect(running.output()).toMatch(/Receiver +http:\/\/localhost:\d+\/receiver/);

  await answer(surveyLink(running), '9');
  const [delivery] = await delivered(running, 1);
  expect(delivery).toMatchObject({ ticketId: 'INC123456', attemptCount: 1 });

  const postgres = (await postmasterPid(dataDir))!;
  expect(await isRunning(postgres)).toBe(true);
  running.process.kill('SIGTERM');
  await endsInTime(running);
  await eventually(async () => !(await isRunning(postgres)));
}, 120_000);

test('a later start keeps the data, prints no password and, asked to, tells of every attempt; Ctrl-C ends it', async () => {
  const running = await startCommand({ dataDir, port, variables: { LOG_LEVEL: 'debug' } });
  expect(running.output()).not.toMatch(/Password/);
  await answer(surveyLink(running), '3');
  await delivered(running, 2);
  await eventually(() =>
    /delivery\.attempted webhookId=\w+ number=1 kind=automatic outcome=succeeded code=200/.test(running.output()),
  );
  const postgres = (await postmasterPid(dataDir))!;
  // The terminal sends SIGINT to the whole group.
  process.kill(-running.process.pid!, 'SIGINT');
  expect(await endsInTime(running)).toBe(0);
  await eventually(async () => !(await isRunning(postgres)));
}, 60_000);

test('after SIGKILL of node alone the next start goes on with the PostgreSQL that was left running', async () => {
  const first = await startCommand({ dataDir, port });
  const postgres = (await postmasterPid(dataDir))!;
  first.process.kill('SIGKILL');
  await first.ended;
  expect(await isRunning(postgres)).toBe(true);

  const second = await startCommand({ dataDir, port });
  expect(await postmasterPid(dataDir)).toBe(postgres);
  await delivered(second, 2);
  second.process.kill('SIGTERM');
  expect(await endsInTime(second)).toBe(0);
  await eventually(async () => !(await isRunning(postgres)));
}, 60_000);

test('after SIGKILL of everything the next start works with the same data', async () => {
  const first = await startCommand({ dataDir, port });
  const postgres = (await postmasterPid(dataDir))!;
  first.process.kill('SIGKILL');
  process.kill(postgres, 'SIGKILL');
  await first.ended;

  const second = await startCommand({ dataDir, port });
  await delivered(second, 2);
  second.process.kill('SIGTERM');
  expect(await endsInTime(second)).toBe(0);
}, 60_000);

describe('a call under way at SIGTERM', () => {
  let slow: Server;
  let calls = 0;
  beforeAll(async () => {
    slow = createServer((_request, response) => {
      calls += 1;
      setTimeout(() => response.end('late but fine'), 3_000);
    }).listen(0, '127.0.0.1');
    await once(slow, 'listening');
  });
  afterAll(() => slow.close());

  test('ends and is recorded', async () => {
    const variables = { DELIVERY_ALLOWED_NETWORKS: '127.0.0.0/8' };
    const first = await startCommand({ dataDir, port, variables });
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`;
    await callApi(first, 'integration-preferences/transactional', { method: 'PUT', body: JSON.stringify({ url }) });
    await answer(surveyLink(first), '7');
    await eventually(() => calls === 1);
    first.process.kill('SIGTERM');
    expect(await endsInTime(first)).toBe(0);

    const second = await startCommand({ dataDir, port, variables });
    await delivered(second, 3);
    expect(calls).toBe(1);
    second.process.kill('SIGTERM');
    await endsInTime(second);
  }, 60_000);
});

test('a signal during a start that hangs ends it in time', async () => {
  const first = await startCommand({ dataDir, port });
  const postgres = (await postmasterPid(dataDir))!;
  first.process.kill('SIGKILL');
  await first.ended;
  // A PostgreSQL that does not answer is waited for, up to half a minute.
  process.kill(postgres, 'SIGSTOP');
  const second = spawnCommand({ dataDir, port });
  await eventually(() => second.output().includes('Configuration'));
  second.process.kill('SIGTERM');
  // It gives up waiting half a second before the time is over; the machine may need more than that to end it.
  await endsInTime(second, STOPS_WITHIN_MS + 2_500);
  if (await isRunning(postgres)) {
    process.kill(postgres, 'SIGKILL');
    await eventually(async () => !(await isRunning(postgres)));
  }
}, 60_000);

test('a folder that cannot be made is refused at once', async () => {
  const running = spawnCommand({ dataDir: '/proc/answerback', port });
  expect(await running.ended).toBe(1);
  expect(running.output()).toMatch(/The data cannot be kept in \/proc\/answerback/);
}, 20_000);

test('with DATABASE_URL a schema that is behind is refused, and npm run migrate mends it', async () => {
  const empty = await createEmptyDatabase();
  const variables = { DATABASE_URL: empty.ownerUrl, ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}` };
  const refused = spawnCommand({ dataDir, port, variables });
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toMatch(/behind this version by \d+ migrations .*Run "npm run migrate"/);

  const migrating = spawnCommand({ dataDir, port, variables, script: 'dist/migrate.js' });
  expect(await migrating.ended).toBe(0);

  const running = await startCommand({ dataDir, port, variables });
  await answer(surveyLink(running), '0');
  await delivered(running, 1);
  running.process.kill('SIGTERM');
  expect(await endsInTime(running)).toBe(0);
  await empty.drop();
}, 60_000);

describe('what cannot start says why, in one line a variable, and leaves nothing running', () => {
  test.each([
    ['PORT', 'abc', /PORT: got "abc"/],
    ['DATABASE_URL', 'mysql://x', /DATABASE_URL: got/],
    ['SURVEY_RETRY_WAITS', '5,x', /SURVEY_RETRY_WAITS: got "5,x"/],
  ])('%s=%s', async (name, value, message) => {
    const running = spawnCommand({ dataDir, port, variables: { [name]: value } });
    expect(await running.ended).toBe(1);
    expect(running.output()).toMatch(message);
    expect(running.output()).not.toMatch(/^ +at /m);
  });

  test('DATABASE_URL without ENCRYPTION_KEYS', async () => {
    const variables = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    const running = spawnCommand({ dataDir, port, variables });
    expect(await running.ended).toBe(1);
    expect(running.output()).toMatch(/ENCRYPTION_KEYS/);
  });

  test('a port that is taken', async () => {
    const other = createServer().listen(0);
    await once(other, 'listening');
    const taken = (other.address() as AddressInfo).port;
    const fresh = await newDataDir();
    const running = spawnCommand({ dataDir: fresh, port: taken });
    expect(await running.ended).toBe(1);
    other.close();
    expect(running.output()).toMatch(new RegExp(`PORT: ${taken} is in use`));
    const postgres = await postmasterPid(fresh);
    expect(postgres === null || !(await isRunning(postgres))).toBe(true);

    // Nothing was made that only the failed start could have shown.
    const second = await startCommand({ dataDir: fresh, port: await freePort() });
    expect(second.output()).toMatch(/Password +\S{22} +\(shown once\)/);
    second.process.kill('SIGTERM');
    await second.ended;

    // The first webhook follows the port to the receiver.
    const third = await startCommand({ dataDir: fresh, port: await freePort() });
    await answer(surveyLink(third), '9');
    await delivered(third, 1);
    third.process.kill('SIGTERM');
    await third.ended;
    await removeDataDir(fresh);
  }, 60_000);
});
