import { setTimeout as sleep } from 'node:timers/promises';
import { Partitions } from '../../src/delivery/partitions.js';
import { Retention } from '../../src/delivery/retention.js';
import { HealthChecks } from '../../src/web/health.controller.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { asOwner } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { openTransaction, waitingForALock } from '../support/locks.js';

/** What a delivery's rows stand in, and its event. */
const TABLES = [
  'attempt',
  'delivery',
  'delivery_event',
  'delivery_request',
  'event',
  'exchange',
  'reply_body',
  'unsuccessful_delivery',
];

let database: TestDatabase;
/** Delivers nothing, so that nothing is done to what is due. */
let onlooker: TestWorker;
let owner: (sql: string) => Promise<void>;
let retention: Retention;

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web', DELIVERY_RETENTION_DAYS: '90', REPLY_RETENTION_DAYS: '30' });
  owner = asOwner(database);
  retention = onlooker.context.get(Retention);
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});
afterEach(() => onlooker.pool.query('delete from due_attempt; delete from event_pending'));
afterEach(() => retention.prune());

describe('what is old', () => {
  it('goes by whole months: deliveries after 90 days, the bodies of replies after 30', async () => {
    const old = await makeMonth(200);
    const middle = await makeMonth(75);
    const young = await makeMonth(20);

    const dropped = await prunedUntil(async (all) => all.length >= TABLES.length + 1);

    expect(dropped.toSorted()).toEqual(
      [...TABLES.map((table) => `${table}_${old}`), `reply_body_${middle}`].toSorted(),
    );
    expect(await partitionsOf('attempt')).toEqual(expect.arrayContaining([middle, young]));
    expect(await partitionsOf('reply_body')).toContain(young);
    expect(await retention.prune()).toEqual([]);
  });

  it('stays while something of its month is due, and goes when that has ended', async () => {
    const month = await makeMonth(200);
    const deliveryId = await makeDelivery(200);
    await makeDue(deliveryId);
    expect(await retention.prune()).toEqual([]);

    await onlooker.pool.query('delete from due_attempt where delivery_id = $1', [deliveryId]);
    expect(await prunedUntil(async (all) => all.length >= TABLES.length)).toHaveLength(TABLES.length);
    expect(await partitionsOf('delivery')).not.toContain(month);
  });

  it('stays while a younger delivery that is due is about its event', async () => {
    const month = await makeMonth(200);
    const eventId = await numberOf(200);
    const deliveryId = await numberOf(0);
    await makeAbout(deliveryId, eventId);
    await makeDue(deliveryId);
    await prunedUntil(async () => !(await partitionsOf('delivery')).includes(month));
    expect(await partitionsOf('event')).toContain(month);
  });

  it('stays while an event of it was not dispatched yet', async () => {
    const month = await makeMonth(200);
    await onlooker.pool.query('insert into event_pending values ($1, $2)', ['delivery', await numberOf(200)]);
    await retention.prune();
    expect(await partitionsOf('event')).toContain(month);
  });

  it('that somebody reads just now goes the next time, and makes nobody wait', async () => {
    const month = await makeMonth(200);
    const reading = await openTransaction(onlooker);
    try {
      await reading.query(`select * from attempt_${month}`);
      await prunedUntil(async () => !(await partitionsOf('exchange')).includes(month));
      expect(await partitionsOf('attempt')).toContain(month);
    } finally {
      await reading.commit();
    }
    await prunedUntil(async () => !(await partitionsOf('attempt')).includes(month));
  });

  it('goes one table after another with long rests, and no further at a shutdown', async () => {
    const month = await makeMonth(200);
    const worker = await startWorker(database, { PROCESS: 'web' });
    try {
      const reading = await openTransaction(onlooker);
      await reading.query(`select * from reply_body_${month}`);
      const pruned = worker.context.get(Retention).prune();
      await waitingForALock(onlooker);
      await sleep(200);
      await reading.commit();
      // A drop that took so long rests for 1.8 s at least; all others would have gone by then.
      await sleep(500);
      expect(await partitionsOf('reply_body')).not.toContain(month);
      expect(await partitionsOf('unsuccessful_delivery')).toContain(month);
      await worker.close();
      expect(await pruned).toEqual([`reply_body_${month}`]);
      expect(await partitionsOf('unsuccessful_delivery')).toContain(month);
    } finally {
      await worker.close();
    }
  });

  // The planner turns joins round as statistics change; conditions that only hold of partitions must not meet the rest.
  it.each(['nestloop', 'hashjoin', 'mergejoin'])('is found without a %s, too', async (join) => {
    const month = await makeMonth(200);
    const session = await openTransaction(onlooker);
    try {
      await session.query('discard plans');
      await session.query(`set local enable_${join} = off`);
      expect(await session.query(`select drop_old_partition('exchange', interval '90 days') as dropped`)).toEqual([
        { dropped: `exchange_${month}` },
      ]);
      expect(await session.query('select months_ahead() as months')).toEqual([{ months: 12 }]);
    } finally {
      await session.commit();
    }
  });

  it('of no other table can be dropped', async () => {
    await expect(onlooker.pool.query(`select drop_old_partition('response', interval '1 day')`)).rejects.toThrow(
      'response is not cut by month',
    );
  });
});

describe('partitions for fewer than three months ahead', () => {
  it('make the process not ready, until there are more', async () => {
    const results = () => onlooker.context.get(HealthChecks).results();
    expect(await results()).toMatchObject({ partitions: 'ok' });
    for (const month of (await partitionsOf('exchange')).slice(-10)) await owner(`drop table exchange_${month}`);
    expect(await results()).toMatchObject({
      partitions: 'There are partitions for 2 months ahead only; the log says why no more could be made.',
    });
    await onlooker.context.get(Partitions).makeAhead();
    expect(await results()).toMatchObject({ partitions: 'ok' });
  });
});

/** A table that is locked at the moment is left for the next time: here that comes at once. Answers what was dropped. */
async function prunedUntil(isDone: (dropped: readonly string[]) => Promise<boolean>): Promise<string[]> {
  const dropped: string[] = [];
  await eventually(async () => {
    dropped.push(...(await retention.prune()));
    return isDone(dropped);
  }, 25_000);
  return dropped;
}

/** Gives every table a partition of the month so many days ago; answers its name, as in 2026_05. */
async function makeMonth(daysAgo: number): Promise<string> {
  const { rows } = await onlooker.pool.query<{ month: string; first: string; behind: string }>(
    `select to_char(month, 'YYYY_MM') as month, number_at(month)::text as first,
            number_at(month + interval '1 month')::text as behind
       from date_trunc('month', now() - make_interval(days => $1), 'UTC') month`,
    [daysAgo],
  );
  const { month, first, behind } = rows[0]!;
  for (const table of TABLES) {
    await owner(
      `create table if not exists ${table}_${month} partition of ${table} for values from (${first}) to (${behind})`,
    );
  }
  return month;
}

async function makeDelivery(daysAgo: number): Promise<string> {
  const id = await numberOf(daysAgo);
  await onlooker.pool.query(
    `insert into delivery (id, organisation_id, webhook_id, listening_post, record_type, record_id, ticket_id)
     values ($1, 1, 1, 'transactional', 'response', 1, '')`,
    [id],
  );
  await makeAbout(id, await numberOf(daysAgo));
  return id;
}

async function makeAbout(deliveryId: string, eventId: string): Promise<void> {
  await onlooker.pool.query('insert into delivery_event values ($1, 0, 1, $2)', [deliveryId, eventId]);
}

async function makeDue(deliveryId: string): Promise<void> {
  await onlooker.pool.query(
    `insert into due_attempt (delivery_id, kind, organisation_id, webhook_id, test, due_at, number)
     values ($1, 'automatic', 1, 1, false, 'infinity', 1)`,
    [deliveryId],
  );
}

async function numberOf(daysAgo: number): Promise<string> {
  const { rows } = await onlooker.pool.query<{ id: string }>(
    'select number_at(now() - make_interval(days => $1))::text as id',
    [daysAgo],
  );
  return rows[0]!.id;
}

/** Their months, oldest first. */
async function partitionsOf(table: string): Promise<string[]> {
  const { rows } = await onlooker.pool.query<{ month: string }>(
    `select right(relname, 7) as month from pg_inherits join pg_class on pg_class.oid = inhrelid
      where inhparent = $1::regclass order by 1`,
    [table],
  );
  return rows.map(({ month }) => month);
}
