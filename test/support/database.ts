import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** A database of its own for one test file, under the roles the product runs with. */
export interface TestDatabase {
  /** As the app connects: neither superuser nor owner. */
  appUrl: string;
  ownerUrl: string;
  drop(): Promise<void>;
}

/** Clones the migrated database of the test run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = new URL(process.env.TEST_OWNER_URL!).pathname.slice(1);
  await asSuperuser(`create database ${name} template ${template} owner answerback_owner`);
  return {
    appUrl: withDatabase(process.env.TEST_APP_URL!, name),
    ownerUrl: withDatabase(process.env.TEST_OWNER_URL!, name),
    drop: () => dropDatabase(name),
  };
}

/** An empty database, for tests of migrations. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asSuperuser(`create database ${name} template template0 owner answerback_owner`);
  return {
    appUrl: withDatabase(process.env.TEST_APP_URL!, name),
    ownerUrl: withDatabase(process.env.TEST_OWNER_URL!, name),
    drop: () => dropDatabase(name),
  };
}

/** Runs SQL under the role that owns the tables: for what the app itself may not do. */
export function asOwner({ ownerUrl }: TestDatabase): (sql: string) => Promise<void> {
  return (sql) => run(ownerUrl, sql);
}

/**
 * A pool that was ended closes its connections a moment later. One that PostgreSQL ends instead is an error that
 * nobody listens for any more, so that moment is waited for; who stays beyond it is thrown out.
 */
async function dropDatabase(name: string): Promise<void> {
  const waitForLast = `do $$ begin
    for round in 1 .. 100 loop
      exit when not exists (select from pg_stat_activity where datname = '${name}');
      perform pg_sleep(0.02), pg_stat_clear_snapshot();
    end loop;
  end $$`;
  await asSuperuser(waitForLast);
  const complaint = setTimeout(() => void tellWhatIsGoingOn(name), SLOW_DROP_MS);
  await asSuperuser(`drop database ${name} with (force)`);
  clearTimeout(complaint);
}

const SLOW_DROP_MS = 10_000;

/** PostgreSQL drops no database before every one of its processes has taken notice: who did not is worth knowing. */
async function tellWhatIsGoingOn(name: string): Promise<void> {
  const client = new Client({ connectionString: process.env.TEST_SUPERUSER_URL! });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(
    `select datname, backend_type, state, wait_event_type, wait_event, now() - state_change as since, left(query, 60) as query
       from pg_stat_activity where wait_event is distinct from 'ClientRead'`,
  );
  await client.end();
  process.stderr.write(`Dropping ${name} takes long:\n${rows.map((row) => JSON.stringify(row)).join('\n')}\n`);
}

async function asSuperuser(sql: string): Promise<void> {
  await run(process.env.TEST_SUPERUSER_URL!, sql);
}

async function run(connectionString: string, sql: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
