import { deleteWebhook } from '../../src/delivery/cancel.js';
import { redeliver } from '../../src/delivery/redeliver.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import {
  attempted,
  comeDue,
  deliveryOf,
  dueOf,
  holding,
  logOf,
  newDelivery,
  newTestDelivery,
  resend,
  switchWebhook,
  theLoopToComeRound,
  wake,
} from '../support/deliveries.js';
import { asOwner } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { openTransaction, waitingForALock } from '../support/locks.js';
import { startReceiver, type Receiver } from '../support/receivers.js';

let database: TestDatabase;
let worker: TestWorker;
let receiver: Receiver;
let organisation: TestOrganisation;
let organisationId: number;
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
  organisationId = organisation.organisation.id;
  webhookId = organisation.webhook.id;
});
afterEach(() => receiver.close());

describe('a webhook that is switched off', () => {
  it('makes what is due wait unspent, and continues where it was when it is switched on', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    await switchWebhook(worker, webhookId, false);
    await comeDue(worker, id);
    await theLoopToComeRound(worker);

    expect(receiver.requests).toHaveLength(1);
    expect(await dueOf(worker, id)).toMatchObject([{ number: 2, spent: 1, claimed: false }]);
    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'in_progress', automatic_attempts: 1 });

    receiver.answer = 200;
    await switchWebhook(worker, webhookId, true);
    await attempted(worker, id, 2);
    expect(await logOf(worker, id)).toEqual(['1 rejected', '2 succeeded']);
  });

  it('refuses a resend with the reason', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    await switchWebhook(worker, webhookId, false);

    expect(await resend(worker, organisationId, id)).toEqual({
      kind: 'refused',
      reason: 'The webhook is switched off. What is due waits until it is switched on again.',
    });
    expect(await dueOf(worker, id)).toMatchObject([{ kind: 'automatic', paused: false }]);
  });

  it('gets no delivery of what is answered meanwhile', async () => {
    await switchWebhook(worker, webhookId, false);
    const invitation = await buildInvitation(worker, organisation.survey);
    await answer(worker, organisation.survey, invitation);
    await eventually(async () => (await pendingEvents()) === 0);

    await switchWebhook(worker, webhookId, true);
    await theLoopToComeRound(worker);

    const { rows } = await worker.pool.query('select id from delivery where webhook_id = $1', [webhookId]);
    expect(rows).toEqual([]);
  });

  it('still sends its tests, and resends them', async () => {
    await switchWebhook(worker, webhookId, false);
    const id = await newTestDelivery(worker, organisation.webhook);
    await attempted(worker, id, 1);
    receiver.answer = 200;
    expect(await resend(worker, organisationId, id)).toEqual({ kind: 'due' });
    await attempted(worker, id, 2);

    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'succeeded', test: true });
    expect(JSON.parse(receiver.requests[1]!.body.toString())).toMatchObject({ Ticket_ID: 'TEST-TICKET' });
  });
});

describe('an organisation on the Basic plan', () => {
  it('makes what is due wait unspent, tests too, and continues on a plan with webhooks', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    await setPlan('basic');
    await comeDue(worker, id);
    const test = await newTestDelivery(worker, organisation.webhook);
    await theLoopToComeRound(worker);

    expect(receiver.requests).toHaveLength(1);
    expect(await dueOf(worker, id)).toMatchObject([{ number: 2, spent: 1, claimed: false }]);
    expect(await dueOf(worker, test)).toMatchObject([{ number: 1, spent: 0, claimed: false }]);

    receiver.answer = 200;
    await setPlan('corporate');
    await attempted(worker, id, 2);
    await attempted(worker, test, 1);
    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'succeeded' });
    expect(await deliveryOf(worker, test)).toMatchObject({ status: 'succeeded' });
  });

  it('refuses a resend with the reason, of a test too', async () => {
    const id = await newDelivery(worker, organisation);
    const test = await newTestDelivery(worker, organisation.webhook);
    await attempted(worker, id, 1);
    await attempted(worker, test, 1);
    await setPlan('basic');

    for (const delivery of [id, test]) {
      expect(await resend(worker, organisationId, delivery)).toEqual({
        kind: 'refused',
        reason: 'The Basic plan has no webhooks: the Corporate or the Enterprise plan is needed.',
      });
    }
  });
});

describe('deleting a webhook', () => {
  it('cancels what is due, automatic or manual, and leaves what has ended as it was', async () => {
    receiver.answer = 200;
    const ended = await newDelivery(worker, organisation);
    await attempted(worker, ended, 1);
    receiver.answer = 503;
    const waiting = await newDelivery(worker, organisation);
    await attempted(worker, waiting, 1);
    await worker.orm.em.fork().transactional(async (em) => {
      await redeliver(em, organisationId, waiting);
      await em.execute('update webhook set enabled = false where id = ?', [webhookId]);
    });
    expect(await dueOf(worker, waiting)).toMatchObject([{ kind: 'manual' }, { kind: 'automatic' }]);

    expect(await deleteIt()).toBe(true);

    expect(await deliveryOf(worker, waiting)).toMatchObject({ status: 'cancelled' });
    expect(await dueOf(worker, waiting)).toEqual([]);
    expect(await deliveryOf(worker, ended)).toMatchObject({ status: 'succeeded' });
    expect(await logOf(worker, waiting)).toEqual(['1 rejected']);
  });

  it('records a call under way that succeeds', async () => {
    const held = holding(200);
    receiver.answer = held.answer;
    const id = await newDelivery(worker, organisation);
    await receiver.received(1);

    await deleteIt();
    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'cancelled' });
    held.letGo();
    await attempted(worker, id, 1);

    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'succeeded', automatic_attempts: 1 });
    expect(await dueOf(worker, id)).toEqual([]);
  });

  it('records a call under way that fails, and makes no other', async () => {
    const held = holding(500);
    receiver.answer = held.answer;
    const id = await newDelivery(worker, organisation);
    await receiver.received(1);

    await deleteIt();
    held.letGo();
    await attempted(worker, id, 1);

    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'cancelled', automatic_attempts: 1 });
    expect(await dueOf(worker, id)).toEqual([]);
    expect(await logOf(worker, id)).toEqual(['1 rejected']);
  });

  it('waits for a dispatch that has begun, so that no delivery is left in progress for ever', async () => {
    const owner = asOwner(database);
    await owner(`create function in_the_way() returns trigger language plpgsql as $$
                 begin perform pg_advisory_xact_lock(1); return new; end $$`);
    await owner('create trigger in_the_way before insert on delivery for each row execute function in_the_way()');
    const inTheWay = await openTransaction(worker);
    await inTheWay.query('select pg_advisory_xact_lock(1)');
    await answer(worker, organisation.survey, await buildInvitation(worker, organisation.survey));
    await waitingForALock(worker);
    const deleting = deleteIt();
    try {
      await waitingForALock(worker, 2);
    } finally {
      await inTheWay.commit();
    }
    await deleting;
    await owner('drop function in_the_way cascade');

    expect(await pendingEvents()).toBe(0);
    const { rows } = await worker.pool.query<{ status: string }>('select status from delivery where webhook_id = $1', [
      webhookId,
    ]);
    expect(rows).toEqual([{ status: 'cancelled' }]);
    // A claim that was faster is recorded first.
    await eventually(async () => {
      const due = await worker.pool.query('select from due_attempt where webhook_id = $1', [webhookId]);
      return due.rowCount === 0;
    });
  });

  it('happens once, and only by its own organisation', async () => {
    const other = await buildOrganisation(worker, receiver.url());
    const byOther = await worker.orm.em
      .fork()
      .transactional((em) => deleteWebhook(em, other.organisation.id, webhookId));

    expect(byOther).toBe(false);
    expect(await deleteIt()).toBe(true);
    expect(await deleteIt()).toBe(false);
  });
});

async function deleteIt(): Promise<boolean> {
  return worker.orm.em.fork().transactional((em) => deleteWebhook(em, organisationId, webhookId));
}

async function setPlan(plan: string): Promise<void> {
  await worker.pool.query('update organisation set plan = $2 where id = $1', [organisationId, plan]);
  wake(worker);
}

async function pendingEvents(): Promise<number> {
  return (await worker.pool.query('select from event_pending')).rowCount!;
}
