import { deleteWebhook } from '../../src/delivery/cancel.js';
import { Claimer } from '../../src/delivery/claim.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { asOwner } from '../support/database.js';
import { comeDue, deliveryOf, dueOf, endLease, logOf, newDelivery, resend } from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
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

describe('a delivery claimed by a worker that died', () => {
  it('is nobody else’s as long as the lease runs, which is the deadline and 15 seconds', async () => {
    const id = await claimedDelivery();

    expect(await hand.rescue()).toEqual([]);
    expect((await onlooker.context.get(Claimer).claim(10)).claims).toEqual([]);
    expect(await leaseSeconds(id)).toBeCloseTo(30, 1);
  });

  it('is due again at once, and an interruption counts nothing towards the five', async () => {
    const id = await claimedDelivery();
    await endLease(onlooker, id);

    expect(await hand.rescue()).toEqual([id]);

    expect(await dueOf(onlooker, id)).toMatchObject([{ number: 2, spent: 0, interruptions: 1, claimed: false }]);
    expect(await isDueNow(id)).toBe(true);
    expect(await deliveryOf(onlooker, id)).toMatchObject({
      status: 'in_progress',
      automatic_attempts: 0,
      interrupted_attempts: 1,
      last_outcome: 'interrupted',
      last_response_code: null,
    });
  });

  it('has failed after five interruptions in a row', async () => {
    const id = await claimedDelivery();
    for (let round = 1; round < 5; round += 1) {
      await hand.die(id);
      await hand.claim(id);
    }
    expect(await deliveryOf(onlooker, id)).toMatchObject({ status: 'in_progress' });
    await hand.die(id);

    expect(await deliveryOf(onlooker, id)).toMatchObject({
      status: 'failed',
      automatic_attempts: 0,
      interrupted_attempts: 5,
    });
    expect(await dueOf(onlooker, id)).toEqual([]);
    expect(await logOf(onlooker, id)).toEqual([1, 2, 3, 4, 5].map((number) => `${number} interrupted`));
  });

  it('may be interrupted four times again after a call that was recorded', async () => {
    const id = await claimedDelivery();
    for (let round = 1; round < 5; round += 1) {
      await hand.die(id);
      await hand.claim(id);
    }
    await hand.fail(id);

    expect(await dueOf(onlooker, id)).toMatchObject([{ number: 6, spent: 1, interruptions: 0 }]);
    expect(await deliveryOf(onlooker, id)).toMatchObject({ automatic_attempts: 1, interrupted_attempts: 4 });
  });

  it('is rescued after months too, when an integer of milliseconds no longer holds the time', async () => {
    const id = await claimedDelivery();
    await onlooker.pool.query(
      `update due_attempt set claimed_at = claimed_at - interval '90 days',
              claimed_until = claimed_until - interval '90 days' where delivery_id = $1`,
      [id],
    );

    expect(await hand.rescue()).toEqual([id]);
    expect(await logOf(onlooker, id)).toEqual(['1 interrupted']);
  });

  it('is found again within seconds where whoever rescued it died on the way', async () => {
    const id = await claimedDelivery();
    await endLease(onlooker, id);
    const owner = asOwner(database);
    await owner(`alter table attempt add constraint in_the_way check (outcome <> 'interrupted') not valid`);
    await expect(hand.rescue()).rejects.toThrow('in_the_way');
    await owner('alter table attempt drop constraint in_the_way');

    await eventually(async () => (await hand.rescue()).includes(id), 6_000);
    expect(await logOf(onlooker, id)).toEqual(['1 interrupted']);
  });

  it('is cancelled for good when its webhook was deleted meanwhile', async () => {
    const id = await claimedDelivery();
    await deleteIt();
    await endLease(onlooker, id);
    await hand.rescue();

    expect(await deliveryOf(onlooker, id)).toMatchObject({ status: 'cancelled', interrupted_attempts: 1 });
    expect(await dueOf(onlooker, id)).toEqual([]);
  });
});

describe('a manual attempt of a worker that died', () => {
  it('never fails the delivery, and lets the automatic attempt go on where it was', async () => {
    const id = await claimedDelivery();
    await hand.fail(id);
    const [automatic] = await dueOf(onlooker, id);
    await resend(onlooker, organisation.organisation.id, id);

    for (let round = 1; round <= 5; round += 1) {
      expect(await dueOf(onlooker, id)).toMatchObject([{ kind: 'manual', number: round + 1 }, { paused: true }]);
      await hand.claim(id);
      await hand.die(id);
    }

    expect(await deliveryOf(onlooker, id)).toMatchObject({
      status: 'in_progress',
      automatic_attempts: 1,
      manual_attempts: 0,
      interrupted_attempts: 5,
    });
    expect(await dueOf(onlooker, id)).toEqual([{ ...automatic, number: 7 }]);
    expect(automatic).toMatchObject({ kind: 'automatic', number: 2, paused: false });
    await comeDue(onlooker, id);
    await hand.claim(id);
    await hand.fail(id);
    expect((await logOf(onlooker, id)).slice(5)).toEqual(['6 interrupted manual', '7 rejected']);
  });

  it('is repeated, and leaves a delivery that has ended as it was', async () => {
    const id = await claimedDelivery();
    await hand.succeed(id);
    await resend(onlooker, organisation.organisation.id, id);
    await hand.claim(id);
    await hand.die(id);
    await hand.claim(id);
    await hand.fail(id);

    expect(await logOf(onlooker, id)).toEqual(['1 succeeded', '2 interrupted manual', '3 rejected manual']);
    expect(await deliveryOf(onlooker, id)).toMatchObject({ status: 'succeeded', manual_attempts: 1 });
    expect(await dueOf(onlooker, id)).toEqual([]);
  });

  it('is not due again when the webhook was deleted meanwhile', async () => {
    const id = await claimedDelivery();
    await hand.succeed(id);
    await resend(onlooker, organisation.organisation.id, id);
    await hand.claim(id);
    await deleteIt();
    await hand.die(id);

    expect(await dueOf(onlooker, id)).toEqual([]);
    expect(await deliveryOf(onlooker, id)).toMatchObject({ status: 'succeeded' });
  });
});

/** A new delivery that this test claimed, as a worker would that dies now. */
async function claimedDelivery(): Promise<number> {
  const id = await newDelivery(onlooker, organisation);
  await hand.claim(id);
  return id;
}

async function deleteIt(): Promise<void> {
  await onlooker.orm.em
    .fork()
    .transactional((em) => deleteWebhook(em, organisation.organisation.id, organisation.webhook.id));
}

async function leaseSeconds(id: number): Promise<number> {
  const { rows } = await onlooker.pool.query<{ seconds: number }>(
    'select extract(epoch from claimed_until - claimed_at)::float as seconds from due_attempt where delivery_id = $1',
    [id],
  );
  return rows[0]!.seconds;
}

async function isDueNow(id: number): Promise<boolean> {
  const { rowCount } = await onlooker.pool.query(
    'select from due_attempt where delivery_id = $1 and due_at <= clock_timestamp()',
    [id],
  );
  return rowCount === 1;
}
