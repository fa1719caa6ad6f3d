import { jest } from '@jest/globals';
import type { SqlStatement } from '../../src/database/database-pool.js';
import { Claimer } from '../../src/delivery/claim.js';
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

it('between an answer and its call, the database is asked four times', async () => {
  await newAnswer();
  // The settings of the webhook are known from the first one on.
  await prepareNext();
  await newAnswer();
  const asked = statementsOf(onlooker);

  const [prepared] = await prepareNext();

  expect(asked()).toEqual(['pending_events', 'dispatch_events', 'claim_due_attempts', 'keep_requests']);
  expect(prepared!.request).toMatchObject({ body: expect.stringContaining('You guys rock!') as string });
});

it('a call that succeeded leaves nothing to look for, where nothing waited for it to end', async () => {
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
    // One for each answer, and one for each second that passed: the poll.
    expect(claims).toBeLessThan(ANSWERS * 1.5 + (performance.now() - beganAt) / 1_000);
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

async function prepareNext() {
  await onlooker.context.get(Dispatcher).dispatch();
  return onlooker.context.get(Preparer).prepare((await onlooker.context.get(Claimer).claim(10)).claims);
}

/** From now on: answers the names of what the database was asked since, in their order. */
function statementsOf({ pool }: TestWorker): () => string[] {
  const names: string[] = [];
  const { run, runPast } = pool;
  jest.spyOn(pool, 'run').mockImplementation(async (statement: SqlStatement, values?: unknown[]) => {
    names.push(statement.name);
    return run.call(pool, statement, values) as never;
  });
  jest.spyOn(pool, 'runPast').mockImplementation(async (code: string, statement: SqlStatement, values: unknown[]) => {
    names.push(statement.name);
    return runPast.call(pool, code, statement, values) as never;
  });
  return () => names;
}
