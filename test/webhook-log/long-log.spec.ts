import { jest } from '@jest/globals';
import { countChosen, lookForChosen } from '../../src/delivery/bulk-choice.js';
import { DeliveryLog, type DeliveryFilters } from '../../src/webhook-log/delivery-log.js';
import { asOwner } from '../support/database.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { useWeb, type TestWeb } from '../support/web.js';
import type { TestDatabase } from '../support/app.js';

const SUCCEEDED = 40_000;
/** The rows of those alone lie on some 900 pages, and an index of them on a hundred. */
const FEW_PAGES = 100;
const FEW_ROWS = 100;

let web: TestWeb;
let database: TestDatabase;
let organisation: TestOrganisation;
const ids: Record<string, number> = {};
/** Behind all of them. */
let now: number;

useWeb(
  (started, its) => {
    web = started;
    database = its;
  },
  { PROCESS: 'web' },
);
beforeAll(async () => {
  organisation = await buildOrganisation(web, 'https://example.com/');
  const { rows } = await web.pool.query<{ now: number }>('select number_at(now()) as now');
  now = rows[0]!.now;
  await insertDeliveries(SUCCEEDED, 0);
  await web.pool.query(`update delivery set status = 'succeeded'`);
  for (const [index, status] of ['failed', 'cancelled', 'in_progress'].entries()) {
    ids[status] = (await insertDeliveries(1, SUCCEEDED + 1 + index))[0]!;
    await web.pool.query('update delivery set status = $2 where id = $1', [ids[status], status]);
  }
  await web.pool.query(
    `insert into due_attempt (delivery_id, kind, organisation_id, webhook_id, test, due_at, number)
     select id, 'automatic', organisation_id, webhook_id, false, now() + interval '1 hour', 1 from delivery where id = $1`,
    [ids['in_progress']],
  );
  await asOwner(database)('analyze');
});

it.each(['failed', 'cancelled', 'in_progress'])(
  'a long log is not read through for the one delivery that is %s, its oldest',
  async (status) => {
    const { found, pages } = await look({ status });
    expect(found).toEqual([ids[status]]);
    expect(pages).toBeLessThan(FEW_PAGES);

    const narrowed = await look({ status, fromId: ids[status], beforeId: ids[status]! + 1, test: false });
    expect(narrowed.found).toEqual([ids[status]]);
    expect(narrowed.pages).toBeLessThan(FEW_PAGES);
    expect((await look({ status, beforeId: ids[status] })).found).toEqual([]);
    expect((await look({ status, sentBy: organisation.webhook.id + 1 })).found).toEqual([]);
  },
);

it('everything that failed is chosen without reading a long log through', async () => {
  const { id: organisationId } = organisation.organisation;
  await web.orm.em.fork().transactional(async (em) => {
    const choice = {
      kind: 'failed',
      organisationId,
      webhookId: null,
      deliveryIds: null,
      fromId: 0,
      beforeId: now,
    } as const;
    const { deliveryIds, isEnd } = await lookForChosen(em, choice, 0, 10);
    const [{ read }] = await em.execute<[{ read: number }]>(
      `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::integer as read from pg_stat_xact_user_tables
        where relname ~ '^(unsuccessful_)?delivery_[0-9]'`,
    );
    expect({ deliveryIds, isEnd }).toEqual({ deliveryIds: [ids['failed']], isEnd: true });
    expect(read).toBeLessThan(FEW_ROWS);
  });
});

it('many that failed are chosen in their order, so many at a time', async () => {
  const failed = (await insertDeliveries(1_500, SUCCEEDED + 10)).toSorted((a, b) => a - b);
  await web.pool.query(`update delivery set status = 'failed' where id = any($1)`, [failed]);
  const choice = {
    kind: 'failed',
    organisationId: organisation.organisation.id,
    webhookId: organisation.webhook.id,
    deliveryIds: null,
    fromId: failed[0]!,
    beforeId: failed.at(-1)! + 1,
  } as const;
  const em = web.orm.em.fork();
  const chosen: number[] = [];
  for (let doneId = 0, isEnd = false; !isEnd;) {
    const part = await lookForChosen(em, choice, doneId, 70);
    expect(part.deliveryIds.length).toBeLessThanOrEqual(70);
    chosen.push(...part.deliveryIds);
    ({ doneId, isEnd } = part);
  }
  expect(chosen).toEqual(failed);
  expect(await countChosen(em, { ...choice, webhookId: null })).toBe(1_500);
  expect(await countChosen(em, { ...choice, webhookId: organisation.webhook.id + 1 })).toBe(0);
});

it('what failed and succeeded later is found among those that succeeded', async () => {
  const [id] = await insertDeliveries(1, SUCCEEDED + 9);
  await web.pool.query(`update delivery set status = 'failed' where id = $1`, [id]);
  expect((await look({ status: 'failed' })).found).toContain(id);
  await web.pool.query(`update delivery set status = 'succeeded' where id = $1`, [id]);
  expect((await look({ status: 'failed' })).found).not.toContain(id);
  expect((await look({ status: 'succeeded', beforeId: id! + 1 })).found).toEqual([id]);
});

/** What the log finds, and on how many pages PostgreSQL looked for it. */
async function look(filters: DeliveryFilters): Promise<{ found: number[]; pages: number }> {
  const query = jest.spyOn(web.pool, 'query');
  try {
    const list = await web.context.get(DeliveryLog).newest(organisation.organisation, filters, 51);
    const [text, values] = query.mock.calls.at(-1)!;
    const { rows } = await web.pool.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
      `explain (analyze, buffers, format json) ${text}`,
      values,
    );
    const { Plan: plan } = rows[0]!['QUERY PLAN'][0];
    return { found: list.map(({ row }) => row.id), pages: plan['Shared Hit Blocks']! + plan['Shared Read Blocks']! };
  } finally {
    query.mockRestore();
  }
}

/** In progress, the first of them so many numbers back; nothing is due for them. Answers their numbers. */
async function insertDeliveries(count: number, back: number): Promise<number[]> {
  const { rows } = await web.pool.query<{ id: number }>(
    `insert into delivery (id, organisation_id, webhook_id, listening_post, record_type, record_id, ticket_id)
     select $5::bigint - $4::bigint - n, $1, $2, 'transactional', 'response', n, 'INC' || n
       from generate_series(1, $3::bigint) n returning id`,
    [organisation.organisation.id, organisation.webhook.id, count, back, now],
  );
  return rows.map(({ id }) => id);
}
