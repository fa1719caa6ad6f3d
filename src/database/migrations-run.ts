import { MikroORM } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { MIGRATIONS_TABLE, ormOptions } from './orm-options.js';
import { sqlMigrations } from './sql-migrations.js';

/** Applies what is missing; `url` must name the role that owns the tables. Returns the names applied. */
export async function migrateUp(url: string): Promise<string[]> {
  return withMigrator(url, async (orm) => (await orm.migrator.up()).map((migration) => migration.name));
}

/** Undoes every migration, newest first: data goes with it. For tests of the migrations themselves. */
export async function migrateDown(url: string): Promise<void> {
  await withMigrator(url, (orm) => orm.migrator.down({ to: 0 }));
}

/** Names of the migrations that this version brings and the database lacks. Needs only read access. */
export async function pendingMigrations(pool: Pick<Pool, 'query'>): Promise<string[]> {
  const table = await pool.query('select to_regclass($1) is not null as present', [MIGRATIONS_TABLE]);
  const applied = table.rows[0].present
    ? (await pool.query(`select name from ${MIGRATIONS_TABLE}`)).rows.map((row) => row.name as string)
    : [];
  return sqlMigrations()
    .map((migration) => migration.name)
    .filter((name) => !applied.includes(name));
}

async function withMigrator<T>(url: string, work: (orm: MikroORM) => Promise<T>): Promise<T> {
  const orm = await MikroORM.init({
    ...ormOptions(url),
    entities: [],
    discovery: { warnWhenNoEntities: false },
    // The callers say what was applied.
    logger: () => undefined,
  });
  try {
    return await work(orm);
  } finally {
    await orm.close();
  }
}
