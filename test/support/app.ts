import { randomBytes } from 'node:crypto';
import { MikroORM } from '@mikro-orm/postgresql';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../src/app.module.js';
import { readEnvironment } from '../../src/config/environment.js';
import { DatabasePool } from '../../src/database/database-pool.js';
import type { CallableNetwork } from '../../src/outbound/outbound.module.js';
import { createTestDatabase, type TestDatabase } from './database.js';

export const TEST_KEYS = `k1:${randomBytes(32).toString('base64')}`;

/** The application without its HTTP side: workers of a test. */
export interface TestWorker {
  context: INestApplicationContext;
  orm: MikroORM;
  pool: DatabasePool;
  close(): Promise<void>;
}

/** The environment of a worker on this database; loopback may be called. */
export function workerVariables(database: TestDatabase): Record<string, string> {
  return {
    PORT: '3000',
    DATABASE_URL: database.appUrl,
    ENCRYPTION_KEYS: TEST_KEYS,
    DELIVERY_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
  };
}

/** Starts a process's worth of the application in this one; loopback may be called. */
export async function startWorker(
  database: TestDatabase,
  variables: Record<string, string> = {},
  network: CallableNetwork = {},
): Promise<TestWorker> {
  const environment = readEnvironment({ ...workerVariables(database), ...variables });
  const context = await NestFactory.createApplicationContext(
    AppModule.with({ environment, databaseUrl: database.appUrl, keyringSource: environment.encryptionKeys!, network }),
    { logger: process.env.TEST_LOG ? ['error', 'warn', 'log', 'debug'] : false },
  );
  return {
    context,
    orm: context.get(MikroORM),
    pool: context.get(DatabasePool),
    close: () => context.close(),
  };
}

export { createTestDatabase, type TestDatabase };
