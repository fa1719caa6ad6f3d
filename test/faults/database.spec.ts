import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { startWorker, TEST_KEYS, type TestWorker } from '../support/app.js';
import { freePort, killStarted, startCommand, type RunningCommand } from '../support/command.js';
import { Customers, nothingMissing, surveyPaths } from '../support/customers.js';
import { eventually } from '../support/eventually.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';

/** More than are answered in any of these tests. */
const INVITATIONS = 3_000;
const AT_ONCE = 8;

let postgres: OwnPostgres;
/** Looks on; delivers nothing. */
let onlooker: TestWorker;
let receiver: Receiver;
let demo: TestOrganisation;
let running: RunningCommand;
let customers: Customers;
let logged: number;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  onlooker = await startWorker(postgres, { PROCESS: 'web' });
  receiver = await startReceiver({ answer: answers.after(20, 200) });
  const port = await freePort();
  running = await startCommand({
    dataDir: '/nowhere',
    port,
    variables: {
      DATABASE_URL: postgres.appUrl,
      ENCRYPTION_KEYS: TEST_KEYS,
      BASE_URL: `http://localhost:${port}`,
      DELIVERY_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
    },
  });
}, 120_000);
afterEach(() => customers.abandon());
afterAll(async () => {
  killStarted();
  await onlooker?.close();
  await receiver?.close();
  await postgres?.drop();
}, 60_000);

beforeEach(async () => {
  demo = await buildOrganisation(onlooker, receiver.url('/hook'));
  const paths = await surveyPaths(onlooker, demo.survey, INVITATIONS);
  logged = running.output().length;
  customers = new Customers(
    paths.map((path) => `${running.url}${path}`),
    AT_ONCE,
  );
  await eventually(() => customers.told.acknowledged.length >= 20, 30_000);
}, 60_000);

it('PostgreSQL stops as in a power cut and comes back', async () => {
  await postgres.stopImmediately();
  await toldNotReady('database');
  await sleep(2_000);
  await postgres.start();
  await recovered('PostgreSQL stopped');
  expect(customers.told.askedAgain).toBeGreaterThan(0);
  expect(said()).toMatch(/An answer was not saved, and its customer asked to send it again/);
}, 120_000);

it('every connection is ended, again and again', async () => {
  for (let round = 0; round < 10; round += 1) {
    await asSuperuser(
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'answerback' and pid <> pg_backend_pid()`,
    );
    await sleep(Math.random() * 500);
  }
  await recovered('connections terminated');
}, 120_000);

it('the database takes no writes for a while', async () => {
  await asSuperuser(`alter database answerback set default_transaction_read_only = on`);
  await endConnections();
  await eventually(() => customers.told.askedAgain >= 5, 30_000);
  await toldNotReady('database');
  await asSuperuser(`alter database answerback reset default_transaction_read_only`);
  await endConnections();
  await recovered('read-only');
  expect(said()).toMatch(/read-only transaction/);
}, 120_000);

/** Since the fault began. */
function said(): string {
  return running.output().slice(logged);
}

async function readiness(): Promise<{ status: number; checks: Record<string, string> }> {
  const answer = await fetch(`${running.url}/health/ready`, { signal: AbortSignal.timeout(60_000) });
  return { status: answer.status, checks: ((await answer.json()) as { checks: Record<string, string> }).checks };
}

async function toldNotReady(check: string): Promise<void> {
  await eventually(async () => {
    const { status, checks } = await readiness();
    return status === 503 && checks[check] !== 'ok';
  }, 20_000);
}

/** Ready again by itself; and of all that customers were told was saved, nothing is missing and all has arrived. */
async function recovered(fault: string): Promise<void> {
  await eventually(async () => (await readiness().catch(() => ({ status: 0 }))).status === 200, 60_000);
  const before = customers.told.acknowledged.length;
  await eventually(() => customers.told.acknowledged.length > before + 20, 30_000);
  // What the product calls unexpected is a fault of its own.
  expect(said()).not.toContain('Reference');
  const counted = await nothingMissing(onlooker, demo.organisation.id, await customers.stop(), receiver);
  process.stdout.write(`${fault}: ${JSON.stringify(counted)}\n`);
}

async function endConnections(): Promise<void> {
  await asSuperuser(
    `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'answerback' and pid <> pg_backend_pid()`,
  );
}

async function asSuperuser(sql: string): Promise<void> {
  const client = new Client({ connectionString: postgres.superuserUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
