import { countChosen } from '../../src/delivery/bulk-choice.js';
import { BulkRedeliverer } from '../../src/delivery/bulk-redeliverer.js';
import { BulkRedelivery, type BulkChoice } from '../../src/delivery/bulk-redelivery.entity.js';
import { deleteWebhook } from '../../src/delivery/cancel.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import {
  attempted,
  deliveriesAbout,
  deliveryOf,
  dueOf,
  holding,
  newDelivery,
  newTestDelivery,
  resend,
  switchWebhook,
  underWay,
} from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receivers.js';

const EVERYTHING = { fromId: 0, beforeId: 2 ** 52, webhookId: null, deliveryIds: null };

let database: TestDatabase;
let worker: TestWorker;
/** Makes no step by itself: the test does, as a process would that comes first. */
let onlooker: TestWorker;
let receiver: Receiver;
let organisation: TestOrganisation;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await startWorker(database);
  onlooker = await startWorker(database, { PROCESS: 'web' });
});
afterAll(async () => {
  await onlooker?.close();
  await worker?.close();
  await database?.drop();
});
beforeEach(async () => {
  receiver = await startReceiver({ answer: 503 });
  organisation = await buildOrganisation(worker, receiver.url('/hook'));
});
afterEach(async () => {
  // Whatever a test left is none of the next one's business.
  await worker.pool.query(`update bulk_redelivery set status = 'cancelled' where status = 'running'`);
  await receiver.close();
});

describe('everything that failed', () => {
  it('is sent once more, at its rate, and nothing else is', async () => {
    const failed = await deliveriesThatFailed(5);
    const waiting = await newDelivery(worker, organisation);
    await attempted(worker, waiting, 1);
    const test = await newTestDelivery(worker, organisation.webhook);
    await attempted(worker, test, 1);
    await worker.pool.query(`update delivery set status = 'failed' where id = $1`, [test]);
    receiver.answer = 200;

    const bulk = await start({ kind: 'failed' }, 2);
    expect(bulk.found).toBe(5);
    await done(bulk);

    const rows = await Promise.all(failed.map((id) => deliveryOf(worker, id)));
    expect(rows.map(({ status, manual_attempts: manual }) => [status, manual])).toEqual(
      failed.map(() => ['succeeded', 1]),
    );
    expect((await deliveryOf(worker, waiting)).manual_attempts).toBe(0);
    expect((await deliveryOf(worker, test)).manual_attempts).toBe(0);
    expect(await reread(bulk)).toMatchObject({ status: 'done', redelivered: 5, skipped: 0 });
    // Two at once, two a second later, one after another second.
    const { rows: times } = await worker.pool.query<{ seconds: number }>(
      `select extract(epoch from max(started_at) - min(started_at))::float8 as seconds
         from attempt where delivery_id = any($1) and manual`,
      [failed],
    );
    expect(times[0]!.seconds).toBeGreaterThan(1.5);
  });

  it('can be narrowed to a time and to a webhook', async () => {
    const [first, second, third] = await deliveriesThatFailed(3);
    const between = { kind: 'failed', fromId: second!, beforeId: third! } as const;
    expect(await count(between)).toBe(1);
    expect(await count({ kind: 'failed', webhookId: organisation.webhook.id + 1 })).toBe(0);
    expect(await count({ kind: 'failed', webhookId: organisation.webhook.id })).toBe(3);
    receiver.answer = 200;
    await done(await start(between, 10));
    expect((await deliveryOf(worker, second!)).status).toBe('succeeded');
    expect((await deliveryOf(worker, first!)).manual_attempts).toBe(0);
  });

  it('stays with its organisation', async () => {
    await deliveriesThatFailed(2);
    const other = await buildOrganisation(worker, receiver.url('/other'));
    expect(await count({ kind: 'failed', organisationId: other.organisation.id })).toBe(0);
  });
});

describe('a selection', () => {
  it('is sent in any status; what cannot be is counted as skipped, and what is nobody’s is not found', async () => {
    const { answer: held, letGo } = holding(200);
    const [failed] = await deliveriesThatFailed(1);
    const succeeded = await deliveryThatSucceeded();
    receiver.answer = held;
    const busy = await newDelivery(worker, organisation);
    await underWay(worker, busy);
    const foreign = await newDelivery(worker, await buildOrganisation(worker, receiver.url('/other')));

    const bulk = await start({ kind: 'selection', deliveryIds: [busy, succeeded, failed!, foreign, 12] }, 10);
    expect(bulk.found).toBe(3);
    await eventually(async () => (await reread(bulk)).status === 'done');
    letGo();

    expect(await reread(bulk)).toMatchObject({ redelivered: 2, skipped: 1 });
    for (const id of [failed!, succeeded]) {
      await attempted(worker, id, 2);
    }
    await attempted(worker, foreign, 1);
    expect((await deliveryOf(worker, foreign)).manual_attempts).toBe(0);
  });

  it('of a webhook that was switched off meanwhile is skipped, not lost', async () => {
    const ids = await deliveriesThatFailed(2);
    await switchWebhook(worker, organisation.webhook.id, false);
    const bulk = await start({ kind: 'selection', deliveryIds: ids }, 10);
    await done(bulk);
    expect(await reread(bulk)).toMatchObject({ redelivered: 0, skipped: 2 });
    expect(await dueOf(worker, ids[0]!)).toEqual([]);
  });
});

describe('what was missed while the webhook was switched off', () => {
  it('gets a delivery of its own, once; what was not missed gets none', async () => {
    receiver.answer = 200;
    const before = await newDelivery(worker, organisation);
    await attempted(worker, before, 1);
    await switchWebhook(worker, organisation.webhook.id, false);
    const missed = [await answered(), await answered(), await answered()];
    await theirEventsToBeDispatched();
    expect(await missedCount()).toBe(3);
    await switchWebhook(worker, organisation.webhook.id, true);
    const after = await newDelivery(worker, organisation);
    await attempted(worker, after, 1);
    expect(await missedCount()).toBe(3);

    await done(await start({ kind: 'missed', webhookId: organisation.webhook.id }, 2));

    for (const responseId of missed) {
      const [id, ...others] = await deliveriesAbout(worker, organisation.webhook.id, responseId);
      expect(others).toEqual([]);
      await attempted(worker, id!, 1);
      expect(await deliveryOf(worker, id!)).toMatchObject({ status: 'succeeded', automatic_attempts: 1 });
    }
    expect(await missedCount()).toBe(0);
  });

  it('is what its trigger matches, of its own organisation', async () => {
    await switchWebhook(worker, organisation.webhook.id, false);
    await answered();
    await theirEventsToBeDispatched();
    const other = await buildOrganisation(worker, receiver.url('/other'));
    await newDelivery(worker, other);
    expect(await missedCount()).toBe(1);
    await worker.pool.query(
      `update webhook set trigger = jsonb_set(trigger, '{conditions,0,value}', '"relationship"')
                              where id = $1`,
      [organisation.webhook.id],
    );
    expect(await missedCount()).toBe(0);
  });

  it('is nothing for a webhook that was never on', async () => {
    const off = await buildOrganisation(worker, null);
    await answered(off);
    await theirEventsToBeDispatched();
    const choice = { kind: 'missed', webhookId: off.webhook.id, organisationId: off.organisation.id } as const;
    expect(await count(choice)).toBe(0);
  });
});

it('that is cancelled makes no further step', async () => {
  const ids = await deliveriesThatFailed(4);
  const bulk = await start({ kind: 'failed' }, 1);
  await eventually(async () => (await reread(bulk)).redelivered >= 1);
  await worker.pool.query(`update bulk_redelivery set status = 'cancelled' where id = $1`, [bulk.id]);
  const { redelivered } = await reread(bulk);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await reread(bulk)).toMatchObject({ redelivered, status: 'cancelled' });
  const rows = await Promise.all(ids.map((id) => deliveryOf(worker, id)));
  expect(rows.reduce((sum, row) => sum + row.manual_attempts, 0)).toBe(redelivered);
});

it('goes on where it was when its process has died, and two processes make no step twice', async () => {
  const ids = await deliveriesThatFailed(6);
  const bulk = await start({ kind: 'failed' }, 2);
  await eventually(async () => (await reread(bulk)).redelivered >= 2);
  const second = await startWorker(database);
  // Whoever comes: this one steps now, that one each second.
  while ((await reread(bulk)).status === 'running') {
    await Promise.all([onlooker.context.get(BulkRedeliverer).stepAll(), second.context.get(BulkRedeliverer).stepAll()]);
  }
  await second.close();
  for (const id of ids) await attempted(worker, id, 2);
  const rows = await Promise.all(ids.map((id) => deliveryOf(worker, id)));
  expect(rows.map((row) => row.manual_attempts)).toEqual(ids.map(() => 1));
});

it('of deleted webhooks skips, and a resend beside it is made once', async () => {
  const [id] = await deliveriesThatFailed(1);
  await worker.orm.em
    .fork()
    .transactional((em) => deleteWebhook(em, organisation.organisation.id, organisation.webhook.id));
  const bulk = await start({ kind: 'failed' }, 10);
  await done(bulk);
  expect(await reread(bulk)).toMatchObject({ redelivered: 0, skipped: 1 });
  expect((await resend(worker, organisation.organisation.id, id!)).kind).toBe('refused');
});

function choiceOf(wanted: Partial<BulkChoice> & Pick<BulkChoice, 'kind'>): BulkChoice {
  return { organisationId: organisation.organisation.id, ...EVERYTHING, ...wanted };
}

async function count(wanted: Parameters<typeof choiceOf>[0]): Promise<number> {
  return countChosen(worker.orm.em.fork(), choiceOf(wanted));
}

function missedCount(): Promise<number> {
  return count({ kind: 'missed', webhookId: organisation.webhook.id });
}

async function start(wanted: Parameters<typeof choiceOf>[0], perSecond: number): Promise<BulkRedelivery> {
  const em = worker.orm.em.fork();
  const bulk = em.create(BulkRedelivery, {
    ...choiceOf(wanted),
    perSecond,
    found: await count(wanted),
    requestedBy: null,
  });
  await em.flush();
  return bulk;
}

async function reread({ id }: BulkRedelivery): Promise<BulkRedelivery> {
  return worker.orm.em.fork().findOneOrFail(BulkRedelivery, id);
}

/** Made due, and everything that was due is in the log. */
async function done(bulk: BulkRedelivery): Promise<void> {
  await eventually(async () => (await reread(bulk)).status === 'done', 20_000);
  await eventually(async () => {
    const { rows } = await worker.pool.query(
      `select 1 from due_attempt where organisation_id = $1 and (kind = 'manual' or number = 1)`,
      [organisation.organisation.id],
    );
    return rows.length === 0;
  }, 20_000);
}

/** Their first attempt is the last of their schedule. */
async function deliveriesThatFailed(howMany: number): Promise<number[]> {
  const ids: number[] = [];
  for (let made = 0; made < howMany; made += 1) {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    await worker.pool.query('delete from due_attempt where delivery_id = $1', [id]);
    await worker.pool.query(`update delivery set status = 'failed' where id = $1`, [id]);
    ids.push(id);
  }
  return ids;
}

async function deliveryThatSucceeded(): Promise<number> {
  receiver.answer = 200;
  const id = await newDelivery(worker, organisation);
  await attempted(worker, id, 1);
  return id;
}

/** Answers the response, of which no delivery need come. */
async function answered({ survey } = organisation): Promise<number> {
  const invitation = await buildInvitation(worker, survey);
  await answer(worker, survey, invitation);
  const { rows } = await worker.pool.query<{ id: number }>('select id from response where invitation_id = $1', [
    invitation.id,
  ]);
  return rows[0]!.id;
}

async function theirEventsToBeDispatched(): Promise<void> {
  await eventually(async () => (await worker.pool.query('select 1 from event_pending limit 1')).rows.length === 0);
}
