import { Client, type ClientBase, type Pool, type PoolClient } from 'pg';
import { noteRefusal } from './refusals.js';

/** Whoever notices that its connection has ended gives it back well before this. */
const GRACE_MS = 1_000;
/** No transaction of ours lasts so long, unless its connection is one on which nothing passes any more. */
const LONGEST_HOLD_MS = 30_000;
/** What pg says when `query_timeout` is over. */
const NOT_ANSWERED = 'Query read timeout';

/**
 * A connection that ends with the first statement that is not answered in time. pg itself keeps it: what follows on it
 * waits behind the statement that never ends, and the whole time-out for each.
 */
export class ImpatientClient extends Client {
  /** As Client's, whose many forms are passed on as they are. */
  // oxlint-disable-next-line typescript/no-explicit-any -- no narrower type fits all of its overloads
  override query(...given: any[]): any {
    const callback: unknown = given.at(-1);
    if (typeof callback === 'function') {
      given[given.length - 1] = (error: unknown, ...answer: unknown[]) => {
        this.noticeFailure(error);
        callback(error, ...answer);
      };
    }
    const answer = (super.query as (...all: unknown[]) => unknown).apply(this, given);
    if (answer instanceof Promise) {
      answer.catch((error: unknown) => this.noticeFailure(error));
    }
    return answer;
  }

  private noticeFailure(error: unknown): void {
    noteRefusal(error);
    if (error instanceof Error && error.message === NOT_ANSWERED) {
      hangUp(this);
    }
  }
}

/** Options of a pg pool whose connections are given up when nothing passes on them any more. */
export const impatient = {
  Client: ImpatientClient,
  /**
   * The other end of a connection that was lost does not notice for hours, and a transaction that was open on it would keep
   * its locks as long. Said after connecting, because a pooler in between refuses settings that come with a connection.
   */
  onConnect: async (client: ClientBase): Promise<void> => {
    await client.query(`set idle_in_transaction_session_timeout = ${LONGEST_HOLD_MS}`);
  },
};

/**
 * Takes back what a transaction keeps of a connection that is gone. Kysely, below MikroORM, does not give a connection
 * back whose rollback fails (its issue 1990): after ten lost in the midst of transactions the pool would have none left,
 * and nothing but a restart would help.
 */
export function takeBackLostConnections(pool: Pool): void {
  const held = new Map<PoolClient, NodeJS.Timeout>();
  pool.on('acquire', (client) => {
    // Ending it is all that is done here; whoever holds it hears so from the next statement.
    const timer = setTimeout(() => hangUp(client), LONGEST_HOLD_MS);
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

/** Without a farewell: the answer to one would be waited for as long as the system keeps the socket. */
function hangUp(client: Client | PoolClient): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
