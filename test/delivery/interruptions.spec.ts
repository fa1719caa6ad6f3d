import { deleteWebhook } from '../../src/delivery/cancel.js';
import { Claimer, type Claim } from '../../src/delivery/claim.js';
import type { MadeAttempt } from '../../src/delivery/deliver.js';
import { AttemptRecorder } from '../../src/delivery/record-attempt.js';
import { Rescuer } from '../../src/delivery/rescue.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import {
  attempted,
  comeDue,
  deliveryOf,
  dueOf,
  endLease,
  logOf,
  madeAttempt,
  newDelivery,
  resend,
  underWay,
} from '../support/deliveries.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';
import { startWorkerProcess, type WorkerProcess } from '../support/spawn-worker.js';

let database: TestDatabase;
/** Delivers nothing by itself: it looks on, and claims by hand. */
let onlooker: TestWorker;
let receiver: Receiver;
let organisation: TestOrganisation;
const processes: WorkerProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});
beforeEach(async () => {
  await onlooker.pool.query('delete from due_attempt');
  receiver = await startReceiver();
  organisation = await buildOrganisation(onlooker, receiver.url('/hook'));
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.kill()));
  await receiver.close();
});

describe('a delivery claimed by a worker that died', () => {
  it('is delivered again under the same Webhook ID, after SIGKILL in the middle of the call', async () => {
    receiver.answer = answers.hang();
    const first = await startProcess();
    const invitation = await buildInvitation(onlooker, organisation.survey);
    await answer(onlooker, organisation.survey, invitation);
    await receiver.received(1, 10_000);
    await first.kill();

    const id = await onlyDelivery();
    expect(await underWay(onlooker, id)).toMatchObject({ number: 1, claimed: true });
    receiver.answer = 200;
    await endLease(onlooker, id);
    await startProcess();
    await attempted(onlooker, id, 2);

    expect(await logOf(onlooker, id)).toEqual(['1 interrupted', '2 succeeded']);
    expect(await deliveryOf(onlooker, id)).toMatchObject({
      status: 'succeeded',
      automatic_attempts: 1,
      interrupted_attempts: 1,
      manual_attempts: 0,
    });
    expect(receiver.requests.map((request) => request.headers['webhook-id'])).toEqual([
      webhookIdOf(id),
      webhookIdOf(id),
    ]);
    expect(receiver.requests[1]!.body).toEqual(receiver.requests[0]!.body);
    expect(await dueOf(onlooker, id)).toEqual([]);
  });

  it('is nobody else’s as long as the lease runs, which is the deadline and 15 seconds', async () => {
    const id = await claimedDelivery();

    expect(await rescue()).toEqual([]);
    expect((await onlooker.context.get(Claimer).claim(10)).claims).toEqual([]);
    expect(await leaseSeconds(id)).toBeCloseTo(30, 1);
  });

  it('is due again at once, and an interruption counts nothing towards the five', async () => {
    const id = await claimedDelivery();
    await endLease(onlooker, id);

    expect(await rescue()).toEqual([id]);

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
      await interrupt(id);
      await claim(id);
    }
    expect(await deliveryOf(onlooker, id)).toMatchObject({ status: 'in_progress' });
    await interrupt(id);

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
      await interrupt(id);
      await claim(id);
    }
    await fail(id);

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

    expect(await rescue()).toEqual([id]);
    expect(await logOf(onlooker, id)).toEqual(['1 interrupted']);
  });

  it('is cancelled for good when its webhook was deleted meanwhile', async () => {
    const id = await claimedDelivery();
    await deleteIt();
    await endLease(onlooker, id);
    await rescue();

    expect(await deliveryOf(onlooker, id)).toMatchObject({ status: 'cancelled', interrupted_attempts: 1 });
    expect(await dueOf(onlooker, id)).toEqual([]);
  });
});

describe('a manual attempt of a worker that died', () => {
  it('never fails the delivery, and lets the automatic attempt go on where it was', async () => {
    const id = await claimedDelivery();
    await fail(id);
    const [automatic] = await dueOf(onlooker, id);
    await resend(onlooker, organisation.organisation.id, id);

    for (let round = 1; round <= 5; round += 1) {
      expect(await dueOf(onlooker, id)).toMatchObject([{ kind: 'manual', number: round + 1 }, { paused: true }]);
      await claim(id);
      await interrupt(id);
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
    await claim(id);
    await fail(id);
    expect((await logOf(onlooker, id)).slice(5)).toEqual(['6 interrupted manual', '7 rejected']);
  });

  it('is repeated, and leaves a delivery that has ended as it was', async () => {
    const id = await claimedDelivery();
    await succeed(id);
    await resend(onlooker, organisation.organisation.id, id);
    await claim(id);
    await interrupt(id);
    await claim(id);
    await fail(id);

    expect(await logOf(onlooker, id)).toEqual(['1 succeeded', '2 interrupted manual', '3 rejected manual']);
    expect(await deliveryOf(onlooker, id)).toMatchObject({ status: 'succeeded', manual_attempts: 1 });
    expect(await dueOf(onlooker, id)).toEqual([]);
  });

  it('is not due again when the webhook was deleted meanwhile', async () => {
    const id = await claimedDelivery();
    await succeed(id);
    await resend(onlooker, organisation.organisation.id, id);
    await claim(id);
    await deleteIt();
    await interrupt(id);

    expect(await dueOf(onlooker, id)).toEqual([]);
    expect(await deliveryOf(onlooker, id)).toMatchObject({ status: 'succeeded' });
  });
});

describe('a worker that was silent for longer than its lease', () => {
  it('changes nothing by the result it comes with, while another has the attempt', async () => {
    const id = await newDelivery(onlooker, organisation);
    const zombie = await claim(id);
    await endLease(onlooker, id);
    await rescue();
    const owner = await claim(id);
    const before = { delivery: await deliveryOf(onlooker, id), due: await dueOf(onlooker, id) };

    await record(madeAttempt(zombie, { succeeded: true }));

    expect({ delivery: await deliveryOf(onlooker, id), due: await dueOf(onlooker, id) }).toEqual(before);
    expect(await logOf(onlooker, id)).toEqual(['1 interrupted']);
    await record(madeAttempt(owner, { succeeded: true }));
    expect(await logOf(onlooker, id)).toEqual(['1 interrupted', '2 succeeded']);
  });

  it('changes nothing either when the attempt waits to be claimed, or when the delivery has ended', async () => {
    const id = await newDelivery(onlooker, organisation);
    const zombie = await claim(id);
    await endLease(onlooker, id);
    await rescue();

    await record(madeAttempt(zombie, { succeeded: false }));
    expect(await dueOf(onlooker, id)).toMatchObject([{ number: 2, spent: 0 }]);

    await record(madeAttempt(await claim(id), { succeeded: true }));
    await record(madeAttempt(zombie, { succeeded: false }));
    expect(await deliveryOf(onlooker, id)).toMatchObject({ status: 'succeeded', automatic_attempts: 1 });
    expect(await logOf(onlooker, id)).toEqual(['1 interrupted', '2 succeeded']);
  });

  it('changes nothing either when it had handed the attempt back, and another has it under the same number', async () => {
    const id = await newDelivery(onlooker, organisation);
    const zombie = await claim(id);
    await onlooker.context.get(Claimer).release([zombie]);
    const owner = await claim(id);
    expect(owner.number).toBe(zombie.number);

    await record(madeAttempt(zombie, { succeeded: true }));
    expect(await logOf(onlooker, id)).toEqual([]);
    expect(await dueOf(onlooker, id)).toMatchObject([{ claimed: true }]);

    await record(madeAttempt(owner, { succeeded: false }));
    expect(await logOf(onlooker, id)).toEqual(['1 rejected']);
  });

  it('records what it has as long as nobody has taken the attempt back', async () => {
    const id = await newDelivery(onlooker, organisation);
    const late = await claim(id);
    await endLease(onlooker, id);

    await record(madeAttempt(late, { succeeded: true }));

    expect(await logOf(onlooker, id)).toEqual(['1 succeeded']);
    expect(await rescue()).toEqual([]);
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

    await Promise.all(claims.map((own) => record(madeAttempt(own, { succeeded: true }))));

    expect(await deliveryOf(onlooker, good)).toMatchObject({ status: 'succeeded' });
    expect(await underWay(onlooker, bad)).toMatchObject({ number: 1 });
    await endLease(onlooker, bad);
    expect(await rescue()).toEqual([bad]);
    expect(await dueOf(onlooker, bad)).toMatchObject([{ number: 2, claimed: false }]);
  });
});

async function startProcess(): Promise<WorkerProcess> {
  const process = await startWorkerProcess(database);
  processes.push(process);
  return process;
}

/** A new delivery that this test claimed, as a worker would that dies now. */
async function claimedDelivery(): Promise<number> {
  const id = await newDelivery(onlooker, organisation);
  await claim(id);
  return id;
}

/** The claims that this test holds, as a worker would. */
const held = new Map<number, Claim>();

async function claim(id: number): Promise<Claim> {
  const { claims } = await onlooker.context.get(Claimer).claim(10);
  expect(claims.map((own) => own.deliveryId)).toEqual([id]);
  held.set(id, claims[0]!);
  return claims[0]!;
}

async function rescue(): Promise<number[]> {
  return (await onlooker.context.get(Rescuer).rescue()).map((row) => row.delivery_id);
}

async function interrupt(id: number): Promise<void> {
  await endLease(onlooker, id);
  expect(await rescue()).toEqual([id]);
}

async function succeed(id: number): Promise<void> {
  await record(madeAttempt(held.get(id)!, { succeeded: true }));
}

async function fail(id: number): Promise<void> {
  await record(madeAttempt(held.get(id)!, { succeeded: false }));
}

async function record(attempt: MadeAttempt): Promise<void> {
  await onlooker.context.get(AttemptRecorder).record(attempt);
}

async function deleteIt(): Promise<void> {
  await onlooker.orm.em
    .fork()
    .transactional((em) => deleteWebhook(em, organisation.organisation.id, organisation.webhook.id));
}

async function onlyDelivery(): Promise<number> {
  const { rows } = await onlooker.pool.query<{ id: number }>('select id from delivery where webhook_id = $1', [
    organisation.webhook.id,
  ]);
  expect(rows).toHaveLength(1);
  return rows[0]!.id;
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
