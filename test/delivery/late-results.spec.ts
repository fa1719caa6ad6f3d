import { Claimer } from '../../src/delivery/claim.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { deliveryOf, dueOf, endLease, logOf, newDelivery, underWay } from '../support/deliveries.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { HandWorker } from '../support/hand-worker.js';

let database: TestDatabase;
/** Delivers nothing by itself. */
let onlooker: TestWorker;
let organisation: TestOrganisation;
let hand: HandWorker;

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
  hand = new HandWorker(onlooker);
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});
beforeEach(async () => {
  await onlooker.pool.query('delete from due_attempt');
  organisation = await buildOrganisation(onlooker, 'http://127.0.0.1:9/');
});

describe('a worker that was silent for longer than its lease', () => {
  it('changes nothing by the result it comes with, while another has the attempt', async () => {
    const id = await newDelivery(onlooker, organisation);
    const zombie = await hand.claim(id);
    await endLease(onlooker, id);
    await hand.rescue();
    const owner = await hand.claim(id);
    const before = { delivery: await deliveryOf(onlooker, id), due: await dueOf(onlooker, id) };

    await hand.record(zombie, { succeeded: true });

    expect({ delivery: await deliveryOf(onlooker, id), due: await dueOf(onlooker, id) }).toEqual(before);
    expect(await logOf(onlooker, id)).toEqual(['1 interrupted']);
    await hand.record(owner, { succeeded: true });
    expect(await logOf(onlooker, id)).toEqual(['1 interrupted', '2 succeeded']);
  });

  it('changes nothing either when the attempt waits to be claimed, or when the delivery has ended', async () => {
    const id = await newDelivery(onlooker, organisation);
    const zombie = await hand.claim(id);
    await endLease(onlooker, id);
    await hand.rescue();

    await hand.record(zombie, { succeeded: false });
    expect(await dueOf(onlooker, id)).toMatchObject([{ number: 2, spent: 0 }]);

    await hand.record(await hand.claim(id), { succeeded: true });
    await hand.record(zombie, { succeeded: false });
    expect(await deliveryOf(onlooker, id)).toMatchObject({ status: 'succeeded', automatic_attempts: 1 });
    expect(await logOf(onlooker, id)).toEqual(['1 interrupted', '2 succeeded']);
  });

  it('changes nothing either when it had handed the attempt back, and another has it under the same number', async () => {
    const id = await newDelivery(onlooker, organisation);
    const zombie = await hand.claim(id);
    await onlooker.context.get(Claimer).release([zombie]);
    const owner = await hand.claim(id);
    expect(owner.number).toBe(zombie.number);

    await hand.record(zombie, { succeeded: true });
    expect(await logOf(onlooker, id)).toEqual([]);
    expect(await dueOf(onlooker, id)).toMatchObject([{ claimed: true }]);

    await hand.record(owner, { succeeded: false });
    expect(await logOf(onlooker, id)).toEqual(['1 rejected']);
  });

  it('records what it has as long as nobody has taken the attempt back', async () => {
    const id = await newDelivery(onlooker, organisation);
    const late = await hand.claim(id);
    await endLease(onlooker, id);

    await hand.record(late, { succeeded: true });

    expect(await logOf(onlooker, id)).toEqual(['1 succeeded']);
    expect(await hand.rescue()).toEqual([]);
  });
});

describe('an attempt that the database refuses', () => {
  it('does not keep the others of its batch from being recorded, and goes on under the next number', async () => {
    const bad = await newDelivery(onlooker, organisation);
    const good = await newDelivery(onlooker, organisation);
    const { claims } = await onlooker.context.get(Claimer).claim(10);
    expect(claims).toHaveLength(2);
    await onlooker.pool.query(
      `insert into attempt (delivery_id, number, organisation_id, manual, outcome, message, started_at, duration_ms)
       values ($1, 1, 1, false, 'rejected', 'There by a fault.', now(), 1)`,
      [bad],
    );

    await Promise.all(claims.map((own) => hand.record(own, { succeeded: true })));

    expect(await deliveryOf(onlooker, good)).toMatchObject({ status: 'succeeded' });
    expect(await underWay(onlooker, bad)).toMatchObject({ number: 1 });
    await endLease(onlooker, bad);
    expect(await hand.rescue()).toEqual([bad]);
    expect(await dueOf(onlooker, bad)).toMatchObject([{ number: 2, claimed: false }]);
  });
});
