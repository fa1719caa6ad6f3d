import { jest } from '@jest/globals';
import { claimStatement } from '../../src/delivery/claim.sql.js';
import { Dispatcher } from '../../src/delivery/dispatch.js';
import { Preparer } from '../../src/delivery/prepare.js';
import type { RenderedRequest } from '../../src/delivery/render.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { newDelivery, openCircuit } from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receivers.js';

const ANSWERS = 40;

let database: TestDatabase;
let receiver: Receiver;
/** Delivers nothing by itself. */
let onlooker: TestWorker;
let organisation: TestOrganisation;

beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await startReceiver({ answer: 200 });
  onlooker = await startWorker(database, { PROCESS: 'web' });
  organisation = await buildOrganisation(onlooker, receiver.url('/'));
});
beforeEach(() => onlooker.pool.query('delete from due_attempt'));
afterAll(async () => {
  await onlooker?.close();
  await receiver?.close();
  await database?.drop();
});

it('between an answer and its call, the database is asked three times', async () => {
  await newAnswer();
  // The settings of the webhook are known from the first one on.
  await prepareNext();
  await newAnswer();
  const asked = statementsOf(onlooker);

  const [prepared] = await prepareNext();

  expect(asked()).toEqual(['pending_events', 'dispatch_events', 'keep_requests']);
  expect(String((prepared!.request as RenderedRequest).body)).toContain('You guys rock!');
});

it('while nothing else is due, answers bring no claim, neither before their calls nor after them', async () => {
  const { claims, polls } = await claimsOf(ANSWERS);
  expect(claims).toBeLessThan(ANSWERS / 2 + polls);
});

it('nor where a circuit is open elsewhere, with an attempt behind it', async () => {
  const elsewhere = await buildOrganisation(onlooker, receiver.url('/away'));
  const id = await newDelivery(onlooker, elsewhere);
  await onlooker.pool.query(`update due_attempt set due_at = now() + interval '1 hour' where delivery_id = $1`, [id]);
  await openCircuit(onlooker, elsewhere.webhook, 3_600);

  const { claims, polls } = await claimsOf(ANSWERS);
  expect(claims).toBeLessThan(ANSWERS / 2 + polls);
});

/** What a worker claims while so many surveys are answered one by one, and delivered; and how often it polled meanwhile. */
async function claimsOf(answers: number): Promise<{ claims: number; polls: number }> {
  const before = await attempts();
  const worker = await startWorker(database, { PROCESS: 'delivery' });
  try {
    await newAnswer();
    await eventually(async () => (await attempts()) === before + 1);
    const asked = statementsOf(worker);
    const beganAt = performance.now();
    for (let made = 1; made <= answers; made += 1) {
      await newAnswer();
      await eventually(async () => (await attempts()) === before + 1 + made);
    }
    return {
      claims: asked().filter((name) => name === claimStatement.name).length,
      // One each second; more is for a machine that stands still.
      polls: (performance.now() - beganAt) / 1_000,
    };
  } finally {
    await worker.close();
  }
}

async function attempts(): Promise<number> {
  const { rows } = await onlooker.pool.query<{ attempts: number }>('select count(*)::integer as attempts from attempt');
  return rows[0]!.attempts;
}

async function newAnswer(): Promise<void> {
  await answer(onlooker, organisation.survey, await buildInvitation(onlooker, organisation.survey));
}

/** As the delivery loop does it while nothing else is due. */
async function prepareNext() {
  const { claims } = await onlooker.context
    .get(Dispatcher)
    .dispatch({ slots: 10, allowed: { webhookIds: [], calls: [], others: 10 } });
  return onlooker.context.get(Preparer).prepare(claims);
}

/** From now on: answers the names of what the database was asked since, in their order. */
function statementsOf({ pool }: TestWorker): () => string[] {
  const { calls: run, invocationCallOrder: whenRun } = jest.spyOn(pool, 'run').mock;
  const { calls: past, invocationCallOrder: whenPast } = jest.spyOn(pool, 'runPast').mock;
  return () =>
    [
      ...run.map(([{ name }], index) => ({ name, at: whenRun[index]! })),
      ...past.map(([, { name }], index) => ({ name, at: whenPast[index]! })),
    ]
      .toSorted((one, other) => one.at - other.at)
      .map(({ name }) => name);
}
