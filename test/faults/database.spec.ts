import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { startWorker, type TestWorker } from '../support/app.js';
import { killStarted } from '../support/command.js';
import { DatabaseDrill } from '../support/database-drill.js';
import { eventually } from '../support/eventually.js';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';

let postgres: OwnPostgres;
/** Looks on; delivers nothing. */
let onlooker: TestWorker;
let receiver: Receiver;
let drill: DatabaseDrill;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  onlooker = await startWorker(postgres, { PROCESS: 'web' });
  receiver = await startReceiver({ answer: answers.after(20, 200) });
  drill = await DatabaseDrill.start(postgres.appUrl, onlooker, receiver);
}, 120_000);
afterEach(() => drill.customers.abandon());
afterAll(async () => {
  killStarted();
  await onlooker?.close();
  await receiver?.close();
  await postgres?.drop();
}, 60_000);

beforeEach(() => drill.begin(), 60_000);

it('PostgreSQL stops as in a power cut and comes back', async () => {
  await postgres.stopImmediately();
  await drill.toldNotReady('database');
  await sleep(2_000);
  await postgres.start();
  await drill.recovered('PostgreSQL stopped');
  expect(drill.customers.told.askedAgain).toBeGreaterThan(0);
  expect(drill.said()).toMatch(/An answer was not saved, and its customer asked to send it again/);
}, 120_000);

it('every connection is ended, again and again', async () => {
  for (let round = 0; round < 10; round += 1) {
    await asSuperuser(
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'answerback' and pid <> pg_backend_pid()`,
    );
    await sleep(Math.random() * 500);
  }
  await drill.recovered('connections terminated');
}, 120_000);

it('the database takes no writes for a while', async () => {
  await asSuperuser(`alter database answerback set default_transaction_read_only = on`);
  await endConnections();
  // Not only those whose connections have just been ended were asked again.
  await eventually(() => drill.said().includes('read-only transaction'), 30_000);
  await drill.toldNotReady('database');
  await asSuperuser(`alter database answerback reset default_transaction_read_only`);
  await endConnections();
  await drill.recovered('read-only');
  expect(drill.customers.told.askedAgain).toBeGreaterThan(0);
}, 120_000);

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
