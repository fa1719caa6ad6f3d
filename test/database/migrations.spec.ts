import { Client, Pool } from 'pg';
import { migrateDown, migrateUp, pendingMigrations } from '../../src/database/migrations-run.js';
import { sqlMigrations } from '../../src/database/sql-migrations.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { createEmptyDatabase } from '../support/database.js';

describe('the migrations', () => {
  let database: TestDatabase;
  let owner: Pool;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    owner = new Pool({ connectionString: database.ownerUrl, max: 1 });
  });
  afterAll(async () => {
    await owner?.end();
    await database?.drop();
  });

  it('go up, down and up again, and come to the same database', async () => {
    const names = sqlMigrations().map((migration) => migration.name);
    const empty = await catalogOf(owner);
    expect(await pendingMigrations(owner)).toEqual(names);

    expect(await migrateUp(database.ownerUrl)).toEqual(names);
    const first = await catalogOf(owner);
    expect(await pendingMigrations(owner)).toEqual([]);
    // What is compared is really there: a query that found nothing would make everything equal.
    expect(first.join('\n')).toMatch(/^column delivery\.ticket_id text/m);
    expect(first.join('\n')).toMatch(
      /^index due_attempt_by_lane .* WHERE \(\(claim_id IS NULL\) AND \(NOT paused\)\)$/m,
    );
    expect(first.join('\n')).toMatch(/^constraint response response_overall_check CHECK/m);
    expect(first.join('\n')).toMatch(/^constraint response response_survey_id_fkey FOREIGN KEY/m);
    expect(first.join('\n')).toMatch(/^function next_delivery_id CREATE OR REPLACE FUNCTION/m);
    expect(first.join('\n')).toMatch(/^trigger webhook webhook_changed CREATE TRIGGER/m);

    await migrateDown(database.ownerUrl);
    expect(await catalogOf(owner)).toEqual(empty);
    expect(await pendingMigrations(owner)).toEqual(names);

    await migrateUp(database.ownerUrl);
    expect(await catalogOf(owner)).toEqual(first);
  });

  it('change nothing when they are applied already', async () => {
    await migrateUp(database.ownerUrl);
    const before = await catalogOf(owner);

    expect(await migrateUp(database.ownerUrl)).toEqual([]);
    expect(await catalogOf(owner)).toEqual(before);
  });
});

describe('the migrated database', () => {
  let database: TestDatabase;
  let app: Client;
  let worker: TestWorker;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = new Client({ connectionString: database.appUrl });
    await app.connect();
    worker = await startWorker(database, { PROCESS: 'web' });
  });
  afterAll(async () => {
    await worker?.close();
    await app?.end();
    await database?.drop();
  });

  it('has nothing pending, which the app’s own role can see', async () => {
    expect(await pendingMigrations(worker.pool.pool)).toEqual([]);
  });

  it.each([
    ['create a table', 'create table mine (id integer)'],
    ['create a table like the partitions', 'create table attempt_2999_01 (like attempt)'],
    ['change a table', 'alter table delivery add column mine text'],
    ['drop a partition', 'drop table event'],
    ['replace a function', `create or replace function next_event_id() returns bigint language sql return 1`],
  ])('does not let the app’s role %s', async (_what, sql) => {
    await expect(app.query(sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('has partitions for each of the next twelve months and the last one, without a gap', async () => {
    const now = (await app.query<{ now: Date }>('select clock_timestamp() as now')).rows[0]!.now;
    const months = Array.from({ length: 14 }, (_, index) =>
      new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1 + index))
        .toISOString()
        .slice(0, 7)
        .replace('-', '_'),
    );
    const parents = [
      'attempt',
      'delivery',
      'delivery_event',
      'delivery_request',
      'event',
      'exchange',
      'reply_body',
      'unsuccessful_delivery',
    ];

    for (const parent of parents) {
      expect(await partitionsOf(parent)).toEqual(months.map((month) => `${parent}_${month}`));
    }
    const partitioned = await app.query<{ name: string }>(
      `select relname as name from pg_class where relkind = 'p' order by relname`,
    );
    expect(partitioned.rows.map((row) => row.name)).toEqual(parents);
  });

  it('lets the app’s role make the partitions further ahead, which take rows up to the last millisecond', async () => {
    expect((await app.query('select create_month_partitions(14) as made')).rows).toEqual([{ made: 16 }]);
    expect((await app.query('select create_month_partitions(14) as made')).rows).toEqual([{ made: 0 }]);

    const { rows } = await app.query<{ tableoid: string }>(
      `insert into event (id, organisation_id, type, record_type, record_id, snapshot)
       select number_at(date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' + interval '15 months'
                        - interval '1 millisecond') | 4095, 1, 'a', 'b', 1, '{}'
       returning tableoid::regclass::text`,
    );
    expect(rows[0]!.tableoid).toBe((await partitionsOf('event')).at(-1));
  });

  it('has every column of every entity, which the app’s role may read', async () => {
    const entities = [...worker.orm.getMetadata().getAll().values()].filter((meta) => !meta.abstract && meta.class);
    expect(entities.map((meta) => meta.className)).toEqual(
      expect.arrayContaining(['Organisation', 'Survey', 'Invitation', 'Response', 'Submission', 'Webhook']),
    );

    for (const meta of entities) {
      await expect(worker.orm.em.fork().find(meta.class, {}, { limit: 1 })).resolves.toEqual([]);
    }
  });

  async function partitionsOf(parent: string): Promise<string[]> {
    const { rows } = await app.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by 1`,
      [parent],
    );
    return rows.map((row) => row.name);
  }
});

/** Everything in the schema, one line each, but for the migrator's own table, which stays. */
async function catalogOf(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(`
    with own as (
      select pg_class.* from pg_class join pg_namespace on pg_namespace.oid = relnamespace
       where nspname = 'public' and relname not like 'applied_migration%')
    select format('relation %s %s %s %s %s', relkind, relname, reloptions, pg_get_partkeydef(oid),
                  pg_get_expr(relpartbound, oid)) as line from own
    union all
    select format('column %s.%s %s %s %s %s', relname, attname, format_type(atttypid, atttypmod),
                  case when attnotnull then 'not null' end, attidentity, pg_get_expr(adbin, adrelid))
      from own join pg_attribute on attrelid = own.oid and attnum > 0 and not attisdropped
      left join pg_attrdef on adrelid = attrelid and adnum = attnum where relkind in ('r', 'p')
    union all
    select format('index %s %s', relname, pg_get_indexdef(oid)) from own where relkind in ('i', 'I')
    union all
    select format('sequence %s %s %s %s', relname, seqmin, seqmax, seqcycle)
      from own join pg_sequence on seqrelid = own.oid
    union all
    select format('constraint %s %s %s', relname, conname, pg_get_constraintdef(pg_constraint.oid))
      from own join pg_constraint on conrelid = own.oid
    union all
    select format('function %s %s', proname, pg_get_functiondef(pg_proc.oid))
      from pg_proc join pg_namespace on pg_namespace.oid = pronamespace where nspname = 'public'
    union all
    select format('trigger %s %s %s', relname, tgname, pg_get_triggerdef(pg_trigger.oid))
      from own join pg_trigger on tgrelid = own.oid where not tgisinternal
    order by line`);
  return rows.map((row) => row.line);
}
