import { Dispatcher } from '../../src/delivery/dispatch.js';
import { dispatchStatement } from '../../src/delivery/dispatch.sql.js';
import type { Invitation } from '../../src/invitations/invitation.entity.js';
import { RecordCatalogue } from '../../src/records/record-catalogue.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { asOwner } from '../support/database.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { openTransaction } from '../support/locks.js';

let database: TestDatabase;
/** Dispatches only when it is told to, and delivers nothing. */
let onlooker: TestWorker;
let organisation: TestOrganisation;
let invitation: Invitation;

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});
beforeEach(async () => {
  organisation = await buildOrganisation(onlooker, 'http://127.0.0.1:9/');
  invitation = await buildInvitation(onlooker, organisation.survey);
});
afterEach(() => onlooker.pool.query('delete from event_pending'));

describe('events', () => {
  it('become deliveries once, however many dispatch at the same moment', async () => {
    await answer(onlooker, organisation.survey, invitation);
    const dispatcher = onlooker.context.get(Dispatcher);

    const taken = await Promise.all([1, 2, 3, 4].map(() => dispatcher.dispatch()));

    expect(taken.map(({ events }) => events).toSorted((a, b) => b - a)).toEqual([1, 0, 0, 0]);
    expect(await counts()).toEqual({ deliveries: 1, events: 1, pending: 0 });
  });

  it('are dispatched by the next one when a dispatch fails', async () => {
    await answer(onlooker, organisation.survey, invitation);
    const owner = asOwner(database);
    await owner(`alter table due_attempt add constraint in_the_way check (number < 0) not valid`);
    await expect(onlooker.context.get(Dispatcher).dispatch()).rejects.toThrow('in_the_way');
    expect(await counts()).toEqual({ deliveries: 0, events: 0, pending: 1 });
    await owner('alter table due_attempt drop constraint in_the_way');

    expect(await onlooker.context.get(Dispatcher).dispatch()).toMatchObject({ events: 1, more: false });
    expect(await counts()).toEqual({ deliveries: 1, events: 1, pending: 0 });
  });

  it('are dispatched once when a dispatch fails after its deliveries were made', async () => {
    await answer(onlooker, organisation.survey, invitation);
    const owner = asOwner(database);
    await owner(`create function in_the_way() returns trigger language plpgsql as $$
                 begin raise exception 'in the way'; end $$`);
    await owner('create trigger in_the_way before delete on event_pending execute function in_the_way()');
    await expect(onlooker.context.get(Dispatcher).dispatch()).rejects.toThrow('in the way');
    await owner('drop function in_the_way cascade');

    expect(await onlooker.context.get(Dispatcher).dispatch()).toMatchObject({ events: 1, more: false });
    expect(await counts()).toEqual({ deliveries: 1, events: 1, pending: 0 });
  });

  it('are dispatched once each, where several take more than one dispatch can hold', async () => {
    await manyEvents(1_200);

    const taken = await Promise.all([1, 2, 3].map(() => dispatchAll()));

    expect(taken.reduce((sum, events) => sum + events)).toBe(1_200);
    expect(await counts()).toEqual({ deliveries: 1_200, events: 1_200, pending: 0 });
  });

  it('are dispatched without waiting for the disk, which the next statement of the connection does again', async () => {
    await answer(onlooker, organisation.survey, invitation);
    const client = await onlooker.pool.pool.connect();
    const setting = async () => (await client.query('show synchronous_commit')).rows[0]!.synchronous_commit;
    try {
      await client.query('set synchronous_commit = on; begin');
      const pending = (await client.query('select event_id from event_pending')).rows.map(({ event_id }) => event_id);
      const values = [pending, ...Array<string>(8).fill('{}'), null, 0, 0, [], [], 0];
      expect((await client.query({ ...dispatchStatement, values })).rows).toHaveLength(1);
      expect(await setting()).toBe('off');
      await client.query('commit');
      expect(await setting()).toBe('on');
    } finally {
      client.release(true);
    }
  });

  it('are dispatched past those that another process holds, however many it holds and for how long', async () => {
    await manyEvents(1_100);
    const other = await openTransaction(onlooker);
    await other.query('select from event_pending order by event_id limit 1000 for update');
    try {
      expect(await onlooker.context.get(Dispatcher).dispatch()).toMatchObject({ events: 100, more: false });
    } finally {
      await other.commit();
    }
    expect(await dispatchAll()).toBe(1_000);
    expect(await counts()).toEqual({ deliveries: 1_100, events: 1_100, pending: 0 });
  });
});

/** As if so many people had answered. */
async function manyEvents(count: number): Promise<void> {
  const snapshot = onlooker.context.get(RecordCatalogue).typeOf('response').sample();
  const { rows } = await onlooker.pool.query<{ id: number }>(
    `insert into event (id, organisation_id, type, record_type, record_id, snapshot)
     select next_event_id(), $1, 'response.completed', 'response', n, $2::json
       from generate_series(1::bigint, $3::bigint) n returning id`,
    [organisation.organisation.id, JSON.stringify(snapshot), count],
  );
  await onlooker.pool.query(`insert into event_pending (consumer, event_id) select 'delivery', unnest($1::bigint[])`, [
    rows.map(({ id }) => id),
  ]);
}

/** The deliveries of this organisation, the events that they tell about, and those that are not dispatched. */
async function counts(): Promise<Record<string, number>> {
  const { rows } = await onlooker.pool.query<Record<string, number>>(
    `select count(*) as deliveries, count(distinct event_id) as events,
            (select count(*) from event_pending join event on event.id = event_id where organisation_id = $1) as pending
       from delivery_event where organisation_id = $1`,
    [organisation.organisation.id],
  );
  return rows[0]!;
}

/** As the delivery loop does it. Answers how many events this one dispatched. */
async function dispatchAll(): Promise<number> {
  const { events, more } = await onlooker.context.get(Dispatcher).dispatch();
  return more ? events + (await dispatchAll()) : events;
}
