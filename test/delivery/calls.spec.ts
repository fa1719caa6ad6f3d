import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { newTestDelivery, wake } from '../support/deliveries.js';
import { asOwner } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { openTransaction } from '../support/locks.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { buildWebhook } from '../support/hostile-run.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';

let database: TestDatabase;
/** Makes work; delivers nothing. */
let onlooker: TestWorker;
let worker: TestWorker;
let organisation: TestOrganisation;
/** One origin gets 64 connections at the most. */
let receivers: Receiver[];

beforeEach(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
  organisation = await buildOrganisation(onlooker, null);
});
afterEach(async () => {
  for (const receiver of receivers) receiver.cut();
  await worker?.close();
  for (const receiver of receivers) await receiver.close();
  await onlooker?.close();
  await database?.drop();
});

it('a receiver that never answers gets four calls at once, and one that answers soon gets all it may have', async () => {
  const receiver = await startReceiver({ answer: answers.hang() });
  receivers = [receiver];
  // Enough that it has all it may have for a while, however slow the machine is in giving it.
  await makeDue(1, 120, 15);
  worker = await startWorker(database);
  await receiver.received(4);
  expect(await claimed()).toBe(4);
  expect(receiver.requests).toHaveLength(4);

  receiver.answer = answers.after(200, 200);
  receiver.cut();
  let most = 0;
  await eventually(async () => {
    const now = await claimed();
    most = Math.max(most, now);
    return now === 0 && (await waiting()) === 4;
  }, 20_000);
  // The four that were cut wait for their next attempt.
  expect(most).toBe(16);
}, 40_000);

it('what waits too long for a slot is handed back, uncounted, before its lease ends', async () => {
  receivers = await Promise.all(Array.from({ length: 10 }, () => startReceiver({ answer: answers.hang() })));
  await makeDue(140, 4, 30);
  worker = await startWorker(database);
  let most = 0;
  await eventually(async () => {
    most = Math.max(most, await claimed());
    return receivers.reduce((sum, { requests }) => sum + requests.length, 0) === 512;
  }, 20_000);
  expect(most).toBe(560);
  await eventually(async () => (await claimed()) === 512, 15_000);
  // As long as no slot falls free, they are not taken again either.
  await sleep(1_500);
  expect(await claimed()).toBe(512);
  const { rows } = await onlooker.pool.query(
    'select distinct number, spent, interruptions from due_attempt where claim_id is null',
  );
  expect(rows).toEqual([{ number: 1, spent: 0, interruptions: 0 }]);
}, 60_000);

it('what could not be prepared takes nobody’s place: it is handed back, and called once it can be', async () => {
  const receiver = await startReceiver({ answer: answers.with(200) });
  receivers = [receiver];
  await makeDue(1, 4, 15);
  await asOwner(database)('alter table delivery_request rename to away');
  worker = await startWorker(database);
  // Longer than a claim that fails keeps the next one waiting.
  await sleep(2_500);
  // It may just be trying again.
  await eventually(async () => (await claimed()) === 0);
  const { rows } = await onlooker.pool.query('select distinct number, spent, interruptions from due_attempt');
  expect(rows).toEqual([{ number: 1, spent: 0, interruptions: 0 }]);

  await asOwner(database)('alter table away rename to delivery_request');
  await receiver.received(4);
}, 40_000);

it('what took longer to prepare than its lease lasts is not called under it', async () => {
  const receiver = await startReceiver({ answer: answers.with(200) });
  receivers = [receiver];
  await makeDue(1, 4, 1);
  const inTheWay = await openTransaction(onlooker);
  await inTheWay.query('lock table delivery_request in access exclusive mode');
  worker = await startWorker(database);
  await eventually(async () => (await claimed()) === 4, 10_000);
  // A second for the call and fifteen to record it: then somebody else may make it.
  await eventually(async () => (await interrupted()) === 4, 25_000);
  await inTheWay.commit();

  await receiver.received(4);
  await eventually(async () => (await claimed()) === 0 && (await waiting()) === 0, 20_000);
  expect(receiver.requests).toHaveLength(4);
}, 60_000);

/** Webhooks of so many deliveries each, due now. */
async function makeDue(webhooks: number, deliveries: number, timeoutSeconds: number): Promise<void> {
  for (let index = 0; index < webhooks; index += 1) {
    const webhook = await buildWebhook(
      onlooker,
      organisation,
      `Webhook ${index}`,
      receivers[index % receivers.length]!.url(`/${index}`),
      {
        timeoutSeconds,
      },
    );
    for (let delivery = 0; delivery < deliveries; delivery += 1) await newTestDelivery(onlooker, webhook);
  }
  wake(onlooker);
}

async function claimed(): Promise<number> {
  const { rows } = await onlooker.pool.query('select count(claim_id)::integer as claimed from due_attempt');
  return rows[0]!.claimed;
}

async function waiting(): Promise<number> {
  const { rows } = await onlooker.pool.query('select count(*)::integer as waiting from due_attempt');
  return rows[0]!.waiting;
}

async function interrupted(): Promise<number> {
  const { rows } = await onlooker.pool.query(
    `select count(*)::integer as interrupted from attempt where outcome = 'interrupted'`,
  );
  return rows[0]!.interrupted;
}
