import { deleteWebhook } from '../../src/delivery/cancel.js';
import { redeliver } from '../../src/delivery/redeliver.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import {
  attempted,
  comeDue,
  deliveryOf,
  dueOf,
  holding,
  logOf,
  newDelivery,
  resend,
  theLoopToComeRound,
  underWay,
} from '../support/deliveries.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receivers.js';

let database: TestDatabase;
let worker: TestWorker;
let receiver: Receiver;
let organisation: TestOrganisation;
let organisationId: number;

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
  organisationId = organisation.organisation.id;
});
afterEach(() => receiver.close());

describe('resending while the delivery waits for its next attempt', () => {
  it('succeeds and ends the schedule', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    receiver.answer = 200;

    expect(await resend(worker, organisationId, id)).toEqual({ kind: 'due' });
    await attempted(worker, id, 2);

    expect(await deliveryOf(worker, id)).toMatchObject({
      status: 'succeeded',
      automatic_attempts: 1,
      manual_attempts: 1,
    });
    expect(await dueOf(worker, id)).toEqual([]);
    expect(await logOf(worker, id)).toEqual(['1 rejected', '2 succeeded manual']);
    expect(receiver.requests[1]!.body).toEqual(receiver.requests[0]!.body);
    expect(receiver.requests[1]!.headers['webhook-id']).toBe(webhookIdOf(id));
  });

  it('fails and leaves status and schedule as they were, to the microsecond; numbers go through', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    const [before] = await dueOf(worker, id);

    await resend(worker, organisationId, id);
    await attempted(worker, id, 2);
    await resend(worker, organisationId, id);
    await attempted(worker, id, 3);

    expect(await dueOf(worker, id)).toEqual([{ ...before, number: 4 }]);
    expect(before).toMatchObject({ kind: 'automatic', number: 2, spent: 1, paused: false, claimed: false });
    expect(await deliveryOf(worker, id)).toMatchObject({
      status: 'in_progress',
      automatic_attempts: 1,
      manual_attempts: 2,
    });

    await comeDue(worker, id);
    await attempted(worker, id, 4);
    expect(await logOf(worker, id)).toEqual(['1 rejected', '2 rejected manual', '3 rejected manual', '4 rejected']);
    expect(await dueOf(worker, id)).toMatchObject([{ number: 5, spent: 2 }]);
  });

  it('does not count towards the five', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    await resend(worker, organisationId, id);
    await attempted(worker, id, 2);

    for (const count of [3, 4, 5, 6]) {
      await comeDue(worker, id);
      await attempted(worker, id, count);
    }

    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'failed', automatic_attempts: 5, manual_attempts: 1 });
  });
});

describe('resending what has ended', () => {
  it('makes a failed delivery succeed', async () => {
    const id = await failedDelivery();
    receiver.answer = 200;

    expect(await resend(worker, organisationId, id)).toEqual({ kind: 'due' });
    await attempted(worker, id, 6);

    expect(await deliveryOf(worker, id)).toMatchObject({
      status: 'succeeded',
      automatic_attempts: 5,
      manual_attempts: 1,
    });
    expect((await logOf(worker, id)).at(-1)).toBe('6 succeeded manual');
  });

  it('leaves a failed delivery failed when it fails again, with nothing due', async () => {
    const id = await failedDelivery();

    await resend(worker, organisationId, id);
    await attempted(worker, id, 6);

    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'failed', automatic_attempts: 5, manual_attempts: 1 });
    expect(await dueOf(worker, id)).toEqual([]);
  });

  it('leaves a succeeded delivery succeeded when it fails, and shows the new reply', async () => {
    receiver.answer = 200;
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    receiver.answer = 500;

    expect(await resend(worker, organisationId, id)).toEqual({ kind: 'due' });
    await attempted(worker, id, 2);

    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'succeeded', last_response_code: 500 });
    expect(await dueOf(worker, id)).toEqual([]);
    expect(await logOf(worker, id)).toEqual(['1 succeeded', '2 rejected manual']);
  });

  it('is refused with the reason when the webhook was deleted', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    await worker.orm.em.fork().transactional((em) => deleteWebhook(em, organisationId, organisation.webhook.id));

    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'cancelled' });
    expect(await resend(worker, organisationId, id)).toEqual({ kind: 'refused', reason: 'The webhook was deleted.' });
    expect(await dueOf(worker, id)).toEqual([]);
  });
});

describe('resending', () => {
  it('is refused while an automatic attempt is under way', async () => {
    const held = holding(200);
    receiver.answer = held.answer;
    const id = await newDelivery(worker, organisation);
    await receiver.received(1);

    expect(await resend(worker, organisationId, id)).toEqual({ kind: 'under_way' });

    held.letGo();
    await attempted(worker, id, 1);
    expect(await logOf(worker, id)).toEqual(['1 succeeded']);
  });

  it('is refused while a manual attempt is under way', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    const held = holding(503);
    receiver.answer = held.answer;
    await resend(worker, organisationId, id);
    await receiver.received(2);

    expect(await resend(worker, organisationId, id)).toEqual({ kind: 'under_way' });

    held.letGo();
    await attempted(worker, id, 2);
    expect(await logOf(worker, id)).toEqual(['1 rejected', '2 rejected manual']);
  });

  it('is refused while a manual attempt is due that nobody has begun', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);

    const both = await worker.orm.em
      .fork()
      .transactional(async (em) => [await redeliver(em, organisationId, id), await redeliver(em, organisationId, id)]);

    expect(both).toEqual([{ kind: 'due' }, { kind: 'under_way' }]);
  });

  it('makes exactly one attempt when ten people ask at the same moment, whether something is due or not', async () => {
    const waiting = await newDelivery(worker, organisation);
    await attempted(worker, waiting, 1);
    const failed = await failedDelivery();
    const held = holding(503);
    receiver.answer = held.answer;

    for (const id of [waiting, failed]) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => resend(worker, organisationId, id)));
      expect(answers.filter(({ kind }) => kind === 'due')).toHaveLength(1);
      expect(answers.filter(({ kind }) => kind === 'under_way')).toHaveLength(9);
    }
    held.letGo();

    await attempted(worker, waiting, 2);
    await attempted(worker, failed, 6);
    expect(await deliveryOf(worker, waiting)).toMatchObject({ manual_attempts: 1 });
    expect(await deliveryOf(worker, failed)).toMatchObject({ manual_attempts: 1 });
  });

  it('finds no delivery of another organisation', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    const other = await buildOrganisation(worker, receiver.url('/other'));

    expect(await resend(worker, other.organisation.id, id)).toEqual({ kind: 'not_found' });
    expect(await resend(worker, organisationId, id + 1)).toEqual({ kind: 'not_found' });
    expect(await dueOf(worker, id)).toMatchObject([{ kind: 'automatic', paused: false }]);
  });

  it('keeps an automatic attempt that comes due meanwhile waiting until the manual one is recorded', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    const held = holding(503);
    receiver.answer = held.answer;
    await resend(worker, organisationId, id);
    await receiver.received(2);
    expect(await underWay(worker, id)).toMatchObject({ kind: 'manual', number: 2 });

    await comeDue(worker, id);
    await theLoopToComeRound(worker);
    expect(receiver.requests).toHaveLength(2);
    expect(await dueOf(worker, id)).toMatchObject([
      { kind: 'manual', claimed: true },
      { kind: 'automatic', paused: true, claimed: false },
    ]);

    receiver.answer = 200;
    held.letGo();
    await attempted(worker, id, 3);
    expect(await logOf(worker, id)).toEqual(['1 rejected', '2 rejected manual', '3 succeeded']);
  });
});

async function failedDelivery(): Promise<number> {
  const id = await newDelivery(worker, organisation);
  for (const count of [1, 2, 3, 4]) {
    await attempted(worker, id, count);
    await comeDue(worker, id);
  }
  await attempted(worker, id, 5);
  expect(await deliveryOf(worker, id)).toMatchObject({ status: 'failed' });
  return id;
}
