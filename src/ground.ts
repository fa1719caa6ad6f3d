import { join } from 'node:path';
import { Pool } from 'pg';
import type { Ground } from './app.module.js';
import type { Environment } from './config/environment.js';
import { createKeyringFile } from './config/keyring.js';
import { startEmbeddedPostgres } from './database/embedded-postgres/embedded-postgres.js';
import { migrateUp, pendingMigrations } from './database/migrations-run.js';

/** What the application stands on, and how to take it down again, after the application. */
export interface SettledGround extends Ground {
  leave(): Promise<void>;
}

/** An expected reason not to start, in words for the operator; it is shown without a stack trace. */
export class CannotStart extends Error {}

/** Where the keys are that the first start makes when nobody gives it any. */
export function generatedKeysFile({ dataDir }: Pick<Environment, 'dataDir'>): string {
  return join(dataDir, 'encryption-keys');
}

/**
 * Settles database and keys. Without DATABASE_URL that is our own PostgreSQL, brought up to date at each
 * start; with it, the operator's, which is only checked: several processes may share it, and changing
 * it is a step of its own.
 */
export async function settleGround(
  environment: Environment,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<SettledGround> {
  return environment.databaseUrl === undefined
    ? settleOwnGround(environment, say, signal)
    : settleGivenGround(environment, environment.databaseUrl);
}

async function settleOwnGround(
  environment: Environment,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<SettledGround> {
  // Its messages are for the operator.
  const postgres = await startEmbeddedPostgres({ dataDir: environment.dataDir, say, signal }).catch((error: Error) => {
    throw signal.aborted ? error : new CannotStart(error.message);
  });
  try {
    const applied = await migrateUp(postgres.ownerUrl);
    if (applied.length > 0) {
      say(`Brought the database up to date: ${applied.length} migrations.`);
    }
    const keyringSource = environment.encryptionKeys ?? createKeyringFile(generatedKeysFile(environment));
    return { environment, databaseUrl: postgres.appUrl, keyringSource, leave: () => postgres.stop() };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function settleGivenGround(environment: Environment, databaseUrl: string): Promise<SettledGround> {
  const pool = new Pool({ connectionString: databaseUrl, max: 1 });
  try {
    const pending = await pendingMigrations(pool).catch((error: Error) => {
      throw new CannotStart(`DATABASE_URL: the database cannot be used: ${error.message}`);
    });
    if (pending.length > 0) {
      throw new CannotStart(
        `The database is behind this version by ${pending.length} migrations (the first is ${pending[0]}). ` +
          'Run "npm run migrate" with the same DATABASE_URL, then start again.',
      );
    }
  } finally {
    await pool.end();
  }
  // readEnvironment refuses DATABASE_URL without keys.
  return { environment, databaseUrl, keyringSource: environment.encryptionKeys!, leave: async () => undefined };
}
