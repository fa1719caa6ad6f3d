import { jest } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Claimer, type Claim } from '../../src/delivery/claim.js';
import { AttemptRecorder } from '../../src/delivery/record-attempt.js';
import { recordStatement } from '../../src/delivery/record-attempt.sql.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { madeAttempt, newDelivery } from '../support/deliveries.js';
import { buildOrganisation } from '../support/factories.js';

const MANY = 40;

let database: TestDatabase;
/** Delivers nothing by itself. */
let onlooker: TestWorker;
let recorder: AttemptRecorder;
let claims: Claim[];
let written: () => number[];

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
  recorder = onlooker.context.get(AttemptRecorder);
  const organisation = await buildOrganisation(onlooker, 'http://127.0.0.1:9/');
  await onlooker.pool.query('update webhook set maximum_concurrency = 500');
  for (let made = 0; made < 2 * MANY + 10; made += 1) {
    await newDelivery(onlooker, organisation);
  }
  ({ claims } = await onlooker.context.get(Claimer).claim(500));
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});
beforeEach(() => {
  written = attemptsOfEachStatement();
});

it('under load, a result waits a little for those of calls that are about to end', async () => {
  await record(MANY, 2 * MANY);

  const first = record(1, MANY);
  await nextTurn();
  expect(written()).toEqual([MANY]);
  await Promise.all([first, record(1, MANY - 1)]);

  expect(written()).toEqual([MANY, 2]);
});

it('it waits for nobody where fewer calls are under way than wait with it', async () => {
  await record(MANY, MANY);

  const last = record(1, 1);
  await nextTurn();
  expect(written()).toEqual([MANY, 1]);
  await last;
});

it('without load, it waits for nobody, however many calls are under way', async () => {
  await record(1, 1);

  const next = record(1, 500);
  await nextTurn();
  expect(written()).toEqual([1, 1]);
  await next;
});

it('a result tells whether the attempts of its webhook before it had failed', async () => {
  const told: boolean[] = [];
  for (const succeeded of [true, false, false, true, true]) {
    told.push((await recorder.record(madeAttempt(claims.shift()!, { succeeded }))).wasInTrouble);
  }
  expect(told).toEqual([false, false, true, true, false]);
});

/** Records the next claims at once. */
async function record(size: number, underWay: number): Promise<void> {
  const ended = claims.splice(0, size);
  expect(ended).toHaveLength(size);
  await Promise.all(ended.map((claim) => recorder.record(madeAttempt(claim, { succeeded: true }), underWay)));
}

/** From now on: how many attempts each statement recorded. */
function attemptsOfEachStatement(): () => number[] {
  const run = jest.spyOn(onlooker.pool, 'run');
  run.mockClear();
  return () =>
    run.mock.calls
      .filter(([{ name }]) => name === recordStatement.name)
      .map(([, values]) => (values![0] as string).split(',').length);
}
