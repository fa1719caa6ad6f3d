import { jest } from '@jest/globals';
import { claimStatement } from '../../src/delivery/claim.sql.js';
import { Dispatcher } from '../../src/delivery/dispatch.js';
import { Preparer } from '../../src/delivery/prepare.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
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
  expect(prepared!.request).toMatchObject({ body: expect.stringContaining('You guys rock!') as string });
});

it('while nothing else is due, answers bring no claim, neither before their calls nor after them', async () => {
  await onlooker.pool.query('delete from due_attempt');
  const worker = await startWorker(database, { PROCESS: 'delivery' });
  try {
    await newAnswer();
    await recorded(1);
    const asked = statementsOf(worker);
    const beganAt = performance.now();
    for (let made = 1; made <= ANSWERS; made += 1) {
      await newAnswer();
      await recorded(1 + made);
    }
    const claims = asked().filter((name) => name === claimStatement.name).length;
    // One each second, for the poll; the rest is for a machine that stands still.
    expect(claims).toBeLessThan(ANSWERS / 2 + (performance.now() - beganAt) / 1_000);
  } finally {
    await worker.close();
  }
});

async function newAnswer(): Promise<void> {
  await answer(onlooker, organisation.survey, await buildInvitation(onlooker, organisation.survey));
}

async function recorded(attempts: number): Promise<void> {
  await eventually(async () => {
    const { rows } = await onlooker.pool.query('select count(*)::integer as attempts from attempt');
    return rows[0]!.attempts === attempts;
  });
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
