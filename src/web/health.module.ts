import { Global, Module } from '@nestjs/common';
import { DatabasePool } from '../database/database-pool.js';
import { pendingMigrations } from '../database/migrations-run.js';
import { recentRefusal } from '../database/refusals.js';
import { HealthChecks, HealthController } from './health.controller.js';

@Global()
@Module({ controllers: [HealthController], providers: [HealthChecks], exports: [HealthChecks] })
export class HealthModule {
  constructor(checks: HealthChecks, database: DatabasePool) {
    checks.register('database', () => writable(database));
    checks.register('schema', () => current(database));
  }
}

/** A standby, or one that somebody set to be read, answers and is of no use; nor is one whose disk is full. */
async function writable(database: DatabasePool): Promise<string | null> {
  const { rows } = await database.query<{ read_only: boolean }>(
    `select current_setting('transaction_read_only')::boolean as read_only`,
  );
  return rows[0]!.read_only ? 'The database takes no writes at the moment.' : recentRefusal();
}

async function current(database: DatabasePool): Promise<string | null> {
  const pending = await pendingMigrations(database.pool);
  return pending.length === 0 ? null : `The database lacks ${pending.join(', ')}: run "npm run migrate".`;
}
