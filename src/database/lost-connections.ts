import type { Pool, PoolClient } from 'pg';

/** Whoever notices that its connection has ended gives it back well before this. */
const GRACE_MS = 1_000;
/** No transaction of ours lasts so long, unless its connection is one on which nothing passes any more. */
const LONGEST_HOLD_MS = 30_000;

/**
 * Takes back what a transaction keeps of a connection that is gone. Kysely, below MikroORM, does not give a connection
 * back whose rollback fails (its issue 1990): after ten lost in the midst of transactions the pool would have none left,
 * and nothing but a restart would help.
 */
export function takeBackLostConnections(pool: Pool): void {
  const held = new Map<PoolClient, NodeJS.Timeout>();
  pool.on('acquire', (client) => {
    // Ending it is all that is done here; whoever holds it hears so from the next statement.
    const timer = setTimeout(() => void client.end().catch(() => undefined), LONGEST_HOLD_MS);
    held.set(client, timer.unref());
  });
  pool.on('release', (_error, client) => {
    clearTimeout(held.get(client));
    held.delete(client);
  });
  pool.on('connect', (client) => {
    client.once('end', () => {
      const timer = setTimeout(() => held.has(client) && client.release(true), GRACE_MS);
      timer.unref();
    });
  });
}
