import { Global, Module } from '@nestjs/common';
import { DatabasePool } from '../database/database-pool.js';
import { pendingMigrations } from '../database/migrations-run.js';
import { HealthChecks, HealthController } from './health.controller.js';

const PATIENCE_MS = 5_000;

@Global()
@Module({ controllers: [HealthController], providers: [HealthChecks], exports: [HealthChecks] })
export class HealthModule {
  constructor(checks: HealthChecks, database: DatabasePool) {
    checks.register('database', () => within(PATIENCE_MS, reachable(database)));
    checks.register('schema', () => within(PATIENCE_MS, current(database)));
  }
}

async function reachable(database: DatabasePool): Promise<string | null> {
  await database.query('select 1');
  return null;
}

async function current(database: DatabasePool): Promise<string | null> {
  const pending = await pendingMigrations(database.pool);
  return pending.length === 0 ? null : `The database lacks ${pending.join(', ')}: run "npm run migrate".`;
}

/** A connection that hangs must not make the check hang. */
async function within(milliseconds: number, check: Promise<string | null>): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`No answer within ${milliseconds / 1000} s.`), milliseconds);
  });
  try {
    return await Promise.race([check, patience]);
  } finally {
    clearTimeout(timer);
  }
}
