import { Claimer } from '../../src/delivery/claim.js';
import { startWorker, type TestWorker } from '../support/app.js';
import { asOwner } from '../support/database.js';
import { deliveryOf, dueOf, endLease, logOf, newDelivery } from '../support/deliveries.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { HandWorker } from '../support/hand-worker.js';
import { openTransaction, waitingForALock, type OpenTransaction } from '../support/locks.js';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.js';

/** As many calls as the webhook may have at once. */
const AT_ONCE = 16;
const ROUNDS = 20;

let postgres: OwnPostgres;
/** Delivers nothing by itself. */
let onlooker: TestWorker;
let organisation: TestOrganisation;
let hand: HandWorker;
let began: Date;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  onlooker = await startWorker(postgres, { PROCESS: 'web' });
  organisation = await buildOrganisation(onlooker, 'http://127.0.0.1:9/');
  hand = new HandWorker(onlooker);
  began = await postgres.startedAt();
}, 60_000);
afterAll(async () => {
  await onlooker?.close();
  await postgres?.drop();
}, 60_000);
/** PostgreSQL stays up: see changed-rows.spec.ts. */
afterEach(async () => {
  expect(await postgres.startedAt()).toEqual(began);
});

describe('a claim that somebody changes while its result is being recorded', () => {
  it('has its result recorded where it is left to its owner', async () => {
    const id = await newDelivery(onlooker, organisation);
    const claim = await hand.claim(id);
    const change = await openTransaction(onlooker);
    await touch(change, id);

    const recorded = hand.record(claim, { succeeded: true });
    await waitingForALock(onlooker);
    await change.commit();
    await recorded;

    await expectSucceeded(id);
  });

  it('has it recorded once where it is tried again', async () => {
    const id = await newDelivery(onlooker, organisation);
    const claim = await hand.claim(id);
    const owner = asOwner(postgres);
    const change = await openTransaction(onlooker);
    await owner('alter table attempt rename to away');

    const recorded = hand.record(claim, { succeeded: true });
    await touch(change, id);
    await owner('alter table away rename to attempt');
    await waitingForALock(onlooker);
    await change.commit();
    await recorded;

    await expectSucceeded(id);
  });

  it('has either its result or an interruption in the log after its lease, and never both', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => newDelivery(onlooker, organisation)));
      const { claims } = await onlooker.context.get(Claimer).claim(AT_ONCE);
      const ids = claims.map(({ deliveryId }) => deliveryId);
      await Promise.all(ids.map((id) => endLease(onlooker, id)));

      await Promise.all([...claims.map((claim) => hand.record(claim, { succeeded: true })), hand.rescue()]);

      const { rows } = await onlooker.pool.query('select delivery_id from attempt where delivery_id = any($1)', [ids]);
      expect(rows).toHaveLength(ids.length);
      expect(new Set(rows.map(({ delivery_id }) => delivery_id))).toEqual(new Set(ids));
      await onlooker.pool.query('delete from due_attempt');
    }
  });
});

/** By one attempt, which is in the log once, and nothing is due any more. */
async function expectSucceeded(id: number): Promise<void> {
  expect(await logOf(onlooker, id)).toEqual(['1 succeeded']);
  expect(await deliveryOf(onlooker, id)).toMatchObject({ status: 'succeeded', automatic_attempts: 1 });
  expect(await dueOf(onlooker, id)).toEqual([]);
}

/** As whoever takes it over would, but leaves it to its owner. */
async function touch(transaction: OpenTransaction, id: number): Promise<void> {
  await transaction.query('update due_attempt set claimed_until = claimed_until where delivery_id = $1', [id]);
}
