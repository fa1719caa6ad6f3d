import { Dispatcher } from '../../src/delivery/dispatch.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { deliveryOf, newDelivery } from '../support/deliveries.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { asOwner } from '../support/database.js';

let database: TestDatabase;
let onlooker: TestWorker;
let organisation: TestOrganisation;

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
  organisation = await buildOrganisation(onlooker, 'https://example.com/');
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});

describe('the number of a delivery', () => {
  it.each(['next_delivery_id', 'next_event_id'])('from %s is unique over 20,000 draws', async (draw) => {
    const drawn: number[] = [];
    for (let statement = 0; statement < 4; statement += 1) {
      const { rows } = await onlooker.pool.query<{ id: number }>(
        `select ${draw}() as id from generate_series(1, 5000)`,
      );
      drawn.push(...rows.map((row) => row.id));
    }

    expect(new Set(drawn).size).toBe(20_000);
  });

  it('is exact in JavaScript, and thirteen digits, for as long as it lasts', async () => {
    const { rows } = await onlooker.pool.query<{ now: number; first: number; last: number }>(
      `select next_delivery_id() as now, number_at('2026-01-01T00:00:00Z') as first,
              number_at('2060-11-03T19:53:47.775Z') | 4095 as last`,
    );
    const { now, first, last } = rows[0]!;

    expect(first).toBe(0);
    expect(last).toBe(2 ** 52 - 1);
    expect(webhookIdOf(last)).toBe('fffffffffffff');
    expect(webhookIdOf(now)).toMatch(/^[0-9a-f]{13}$/);
    expect(Math.abs(Math.floor(now / 4096) + Date.UTC(2026, 0, 1) - Date.now())).toBeLessThan(60_000);
  });

  it('is drawn again when another delivery has it', async () => {
    const taken = await newDelivery(onlooker, organisation);
    const owner = asOwner(database);
    // A clock set back, or the 4,097th in a millisecond: the next number comes out as one that is there.
    await owner(`create sequence clash; grant usage on sequence clash to public;
      create sequence first_backend; create sequence last_backend;
      grant select, update on sequence first_backend, last_backend to public;
      create or replace function next_delivery_id() returns bigint language sql volatile return case nextval('clash')
        when 1 then ${taken} + 0 * setval('first_backend', pg_backend_pid())
        when 2 then ${taken}
        else number_at(clock_timestamp()) | nextval('delivery_number') + 0 * setval('last_backend', pg_backend_pid()) end`);
    const invitation = await buildInvitation(onlooker, organisation.survey);
    await answer(onlooker, organisation.survey, invitation);

    expect(await onlooker.context.get(Dispatcher).dispatch()).toMatchObject({ events: 1, more: false });

    const { rows } = await onlooker.pool.query<{ id: number }>(
      'select id from delivery where webhook_id = $1 order by id',
      [organisation.webhook.id],
    );
    expect(rows).toHaveLength(2);
    expect(await deliveryOf(onlooker, taken)).toMatchObject({ status: 'in_progress' });
    expect((await onlooker.pool.query('select from event_pending')).rowCount).toBe(0);
    // By the same connection: for another, the failed statement's locks might still be there, and the events seem taken.
    const drawn = await onlooker.pool.query<{ first: number; last: number }>(
      'select first.last_value as first, last.last_value as last from first_backend first, last_backend last',
    );
    expect(drawn.rows[0]!.last).toBe(drawn.rows[0]!.first);
  });
});

describe('the number of an event', () => {
  it('is drawn again when another event has it', async () => {
    const { rows } = await onlooker.pool.query<{ id: number }>('select max(id) as id from event');
    const owner = asOwner(database);
    await owner(`create sequence event_clash; grant usage on sequence event_clash to public;
      create or replace function next_event_id() returns bigint language sql volatile
      return case when nextval('event_clash') <= 2 then ${rows[0]!.id}
                  else number_at(clock_timestamp()) | nextval('event_number') end`);
    const before = await events();

    const invitation = await buildInvitation(onlooker, organisation.survey);
    expect(await answer(onlooker, organisation.survey, invitation)).toBe('new');

    expect(await events()).toBe(before + 1);
  });
});

async function events(): Promise<number> {
  return (await onlooker.pool.query('select from event')).rowCount!;
}
