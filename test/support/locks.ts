import type { TestWorker } from './app.js';
import { eventually } from './eventually.js';

/** A transaction that a test holds open, to stand in somebody's way. */
export interface OpenTransaction {
  /** Answers the rows. */
  query(text: string, values?: unknown[]): Promise<unknown[]>;
  commit(): Promise<void>;
}

export async function openTransaction(worker: TestWorker): Promise<OpenTransaction> {
  const client = await worker.pool.pool.connect();
  await client.query('begin');
  return {
    query: async (text, values = []) => (await client.query(text, values)).rows,
    commit: async () => {
      await client.query('commit');
      client.release();
    },
  };
}

/** Resolves when somebody in this database waits for a lock, or so many do. */
export async function waitingForALock(worker: TestWorker, waiting = 1): Promise<void> {
  await eventually(async () => {
    const { rowCount } = await worker.pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rowCount! >= waiting;
  });
}
