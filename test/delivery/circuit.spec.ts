import type { DeliveryPolicy } from '../../src/webhooks/webhook-definition.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import {
  attempted,
  comeDue,
  deliveryOf,
  dueOf,
  holding,
  newDelivery,
  newTestDelivery,
  resend,
  theLoopToComeRound,
  wake,
} from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';

let database: TestDatabase;
let worker: TestWorker;
let receiver: Receiver;
let organisation: TestOrganisation;
let webhookId: number;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await startWorker(database);
});
afterAll(async () => {
  await worker?.close();
  await database?.drop();
});
beforeEach(async () => {
  receiver = await startReceiver({ answer: 503 });
  organisation = await buildOrganisation(worker, receiver.url('/hook'));
  webhookId = organisation.webhook.id;
});
afterEach(() => receiver.close());

describe('a circuit', () => {
  it('opens after so many failures in a row: what is due waits, unspent, and says so in the trouble of its webhook', async () => {
    await setCircuit({ failures: 3, probeSeconds: 60 });
    const failed = await failedDeliveries(3);
    await troubled({ failures: 3, is_open: true });

    const later = await newDelivery(worker, organisation);
    await comeDue(worker, failed[0]!);
    await theLoopToComeRound(worker);
    expect(receiver.requests).toHaveLength(3);
    expect(await deliveryOf(worker, later)).toMatchObject({ status: 'in_progress', automatic_attempts: 0 });
    expect(await dueOf(worker, later)).toMatchObject([{ number: 1, spent: 0, claimed: false }]);
    expect(await dueOf(worker, failed[0]!)).toMatchObject([{ number: 2, spent: 1, claimed: false }]);
  });

  it('counts anew after a success', async () => {
    await setCircuit({ failures: 3, probeSeconds: 60 });
    receiver.answer = answers.inTurn(503, 503, 200, 503, 503);
    for (let delivery = 0; delivery < 5; delivery += 1) {
      await attempted(worker, await newDelivery(worker, organisation), 1);
    }
    expect(receiver.requests).toHaveLength(5);
    await troubled({ failures: 2, is_open: false });
  });

  it('lets one call through at a time, and all of them once one succeeds', async () => {
    await setCircuit({ failures: 2, probeSeconds: 1 });
    await failedDeliveries(2);
    const { answer, letGo } = holding(503);
    receiver.answer = answer;
    const waiting: number[] = [];
    for (let delivery = 0; delivery < 4; delivery += 1) {
      waiting.push(await newDelivery(worker, organisation));
    }
    await receiver.received(3);
    await theLoopToComeRound(worker);
    await theLoopToComeRound(worker);
    expect(receiver.requests).toHaveLength(3);

    receiver.answer = 200;
    letGo();
    await eventually(async () => {
      const rows = await Promise.all(waiting.map((id) => deliveryOf(worker, id)));
      return rows.filter(({ status }) => status === 'succeeded').length === 3;
    });
    await untroubled();
    // One was the call that failed, and waits for its next attempt.
    expect(receiver.requests).toHaveLength(6);
  });

  it('lets pass what a person asks for, and closes when that succeeds', async () => {
    await setCircuit({ failures: 2, probeSeconds: 3_600 });
    const [first] = await failedDeliveries(2);
    const waiting = await newDelivery(worker, organisation);

    await resend(worker, organisation.organisation.id, first!);
    await attempted(worker, first!, 2);
    expect(receiver.requests).toHaveLength(3);
    await troubled({ failures: 3, is_open: true });

    await attempted(worker, await newTestDelivery(worker, organisation.webhook), 1);
    expect(receiver.requests).toHaveLength(4);
    expect(await dueOf(worker, waiting)).toMatchObject([{ number: 1, claimed: false }]);

    receiver.answer = 200;
    await resend(worker, organisation.organisation.id, first!);
    await attempted(worker, waiting, 1);
    expect(await deliveryOf(worker, waiting)).toMatchObject({ status: 'succeeded', automatic_attempts: 1 });
    await untroubled();
  });

  it('tries a call as soon as somebody changed the webhook', async () => {
    await setCircuit({ failures: 2, probeSeconds: 3_600 });
    await failedDeliveries(2);
    const waiting = await newDelivery(worker, organisation);
    receiver.answer = 200;
    await theLoopToComeRound(worker);
    expect(receiver.requests).toHaveLength(2);

    await worker.pool.query(`update webhook set request = request || $2 where id = $1`, [
      webhookId,
      { url: receiver.url('/mended') },
    ]);
    wake(worker);
    await attempted(worker, waiting, 1);
    expect(receiver.requests.at(-1)!.path).toBe('/mended');
    await untroubled();
  });

  it('is not for webhooks without one, such as the survey webhook of Preferences', async () => {
    await failedDeliveries(30);
    await troubled({ failures: 30, is_open: false });
    await attempted(worker, await newDelivery(worker, organisation), 1);
    expect(receiver.requests).toHaveLength(31);
  });
});

async function setCircuit(circuit: DeliveryPolicy['circuit']): Promise<void> {
  await worker.pool.query('update webhook set policy = policy || $2 where id = $1', [webhookId, { circuit }]);
}

/** Each with one failed attempt, one after the other. */
async function failedDeliveries(count: number): Promise<number[]> {
  const ids = [];
  for (let delivery = 0; delivery < count; delivery += 1) {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    ids.push(id);
  }
  await troubled({ failures: count });
  return ids;
}

/** What attempts say of their webhook is noted a moment after they are in the log. */
async function troubled(wanted: { failures: number; is_open?: boolean }): Promise<void> {
  await eventually(async () => (await trouble())?.failures === wanted.failures);
  expect(await trouble()).toMatchObject(wanted);
}

async function untroubled(): Promise<void> {
  await eventually(async () => (await trouble()) === undefined);
}

async function trouble(): Promise<{ failures: number; is_open: boolean } | undefined> {
  const { rows } = await worker.pool.query<{ failures: number; is_open: boolean }>(
    'select failures, open_until is not null as is_open from webhook_trouble where webhook_id = $1',
    [webhookId],
  );
  return rows[0];
}
