import { claimStatement } from '../../src/delivery/claim.sql.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { asOwner } from '../support/database.js';
import { buildOrganisation } from '../support/factories.js';

let database: TestDatabase;
/** Delivers nothing, so that nothing else claims. */
let onlooker: TestWorker;

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});

it('an empty claim reads as much with five thousand webhooks and two years of partitions as with one and one', async () => {
  const { organisation, webhook } = await buildOrganisation(onlooker, 'https://example.com/');
  const before = await pagesOfAnEmptyClaim();

  await onlooker.pool.query(
    `insert into webhook (organisation_id, name, enabled, trigger, request, policy)
     select $1, 'Idle ' || n, true, trigger, request, policy from webhook, generate_series(1, 5000) n where id = $2`,
    [organisation.id, webhook.id],
  );
  await asOwner(database)('select create_month_partitions(24)');
  await asOwner(database)('analyze');

  expect(await pagesOfAnEmptyClaim()).toBeLessThanOrEqual(before);
});

/** Pages that PostgreSQL looked at. They are counted rather than timed: the count is the same on every machine. */
async function pagesOfAnEmptyClaim(): Promise<number> {
  const client = await onlooker.pool.pool.connect();
  try {
    const values = [0, 0, false, 768, '00000000-0000-4000-8000-000000000000', 15, [], [], 4];
    const explain = `explain (analyze, buffers, format json) ${claimStatement.text}`;
    // The first one looks things up in the catalogue that are known from then on.
    await client.query(explain, values);
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(explain, values);
    const { Plan: plan } = rows[0]!['QUERY PLAN'][0];
    expect(plan['Actual Rows']).toBe(0);
    return plan['Shared Hit Blocks']! + plan['Shared Read Blocks']!;
  } finally {
    client.release();
  }
}
