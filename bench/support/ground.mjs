/**
 * What a benchmark stands on: PostgreSQL from the project's own package, durable and with its defaults as the product
 * runs it, in a folder of its own; the product's tables; a superuser who counts.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

/** @returns {Promise<Ground>} */
export async function startGround() {
  const { startEmbeddedPostgres } = await fromBuild('database/embedded-postgres/embedded-postgres.js');
  const { migrateUp } = await fromBuild('database/migrations-run.js');
  const dataDir = await mkdtemp(join(tmpdir(), 'answerback-bench-'));
  // Run as root, PostgreSQL is another user, who has to enter the folder.
  await chmod(dataDir, 0o755);
  const options = { dataDir, say: () => undefined };
  let postgres = await startEmbeddedPostgres(options);
  await once(postgres.superuserUrl, `alter system set shared_preload_libraries = 'pg_stat_statements'`);
  await postgres.stop();
  postgres = await startEmbeddedPostgres(options);
  await migrateUp(postgres.ownerUrl);
  const database = new URL(postgres.superuserUrl);
  database.pathname = new URL(postgres.ownerUrl).pathname;
  const admin = new Client({ connectionString: database.href });
  await admin.connect();
  await admin.query('create extension pg_stat_statements');
  const keys = `bench:${randomBytes(32).toString('base64')}`;
  return {
    admin,
    appUrl: postgres.appUrl,
    ownerUrl: postgres.ownerUrl,
    superuserUrl: database.href,
    keys,
    /** Statements that were executed since the counters were set back, those that count left out. */
    statements: async () => {
      const { rows } = await admin.query(
        `select sum(calls)::integer as calls from pg_stat_statements
          where userid <> (select usesysid from pg_user where usename = current_user)`,
      );
      return rows[0].calls ?? 0;
    },
    resetCounters: () => admin.query('select pg_stat_statements_reset()'),
    stop: async () => {
      await admin.end();
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A part of the product, as it was built. */
export async function fromBuild(path) {
  try {
    return await import(`../../dist/${path}`);
  } catch (error) {
    throw new Error(
      `The benchmarks need the built product: run "npm install" in the project first. (${error.message})`,
      {
        cause: error,
      },
    );
  }
}

async function once(connectionString, sql) {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
