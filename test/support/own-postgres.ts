import { rm } from 'node:fs/promises';
import { Client } from 'pg';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../src/database/embedded-postgres/embedded-postgres.js';
import { runningPostmaster } from '../../src/database/embedded-postgres/postmaster.js';
import { migrateUp } from '../../src/database/migrations-run.js';
import { newDataDir } from './command.js';
import type { TestDatabase } from './database.js';
import { eventually } from './eventually.js';

/** A PostgreSQL that a test may break, with nothing left out of what makes it durable. */
export interface OwnPostgres extends TestDatabase {
  superuserUrl: string;
  /** As a power cut would: nothing is finished, nothing is written any more. */
  stopImmediately(): Promise<void>;
  /** On the same port; resolves when it has recovered. */
  start(): Promise<void>;
  /** When it began, or began anew: a crash ends all its processes but the first, and it starts its own again. */
  startedAt(): Promise<Date>;
}

/** @param folder that it is to lie in, an empty one; default: a new one */
export async function startOwnPostgres(folder?: string): Promise<OwnPostgres> {
  const dataDir = folder ?? (await newDataDir());
  const launch = () => startEmbeddedPostgres({ dataDir, say: () => undefined });
  let postgres: EmbeddedPostgres = await launch();
  await migrateUp(postgres.ownerUrl);
  const { appUrl, ownerUrl, superuserUrl, directory } = postgres;
  return {
    appUrl,
    ownerUrl,
    superuserUrl,
    stopImmediately: async () => {
      const { pid } = (await runningPostmaster(directory))!;
      process.kill(pid, 'SIGQUIT');
      await eventually(async () => !(await runningPostmaster(directory)));
    },
    start: async () => {
      postgres = await launch();
      if (postgres.appUrl !== appUrl) throw new Error('PostgreSQL came back elsewhere.');
    },
    startedAt: () => checkpointerStart(superuserUrl),
    drop: async () => {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Only a superuser is told of the server's own processes. */
async function checkpointerStart(superuserUrl: string): Promise<Date> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ backend_start: Date }>(
      `select backend_start from pg_stat_activity where backend_type = 'checkpointer'`,
    );
    return rows[0]!.backend_start;
  } finally {
    await client.end();
  }
}
