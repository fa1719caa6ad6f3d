import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, type Options } from '@mikro-orm/postgresql';
import { sqlMigrations } from './sql-migrations.js';

export const MIGRATIONS_TABLE = 'applied_migration';

/** MikroORM maps the tables; it never creates them. The migrations do, by hand-written SQL. */
export function ormOptions(url: string): Options {
  return defineConfig({
    clientUrl: url,
    forceUtcTimezone: true,
    ignoreUndefinedInQuery: true,
    // Whoever starts us makes the database; our role may not, and a missing one is told as such.
    ensureDatabase: false,
    extensions: [Migrator],
    migrations: {
      tableName: MIGRATIONS_TABLE,
      migrationsList: sqlMigrations(),
      snapshot: false,
      // Entities leave out partitions and partial indexes: a difference is not a fault.
      safe: true,
    },
  });
}
