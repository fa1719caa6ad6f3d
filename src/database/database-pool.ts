import { Pool, types, type ClientBase, type QueryResult, type QueryResultRow } from 'pg';
import { impatient } from './lost-connections.js';
import { errorCode } from './system-error.js';

/**
 * How long the database may be silent. A connection whose other end is gone (a cable, a proxy that forgot it) says nothing
 * of it, so that without a limit a statement would be waited for as long as the system keeps the socket. Not a setting of
 * the server's: a connection pooler in between refuses those.
 */
export const PATIENCE = {
  /** To connect, or to get one of the pool's connections. */
  connectionTimeoutMillis: 10_000,
  /** For what a statement answers. Its connection is given up then. */
  query_timeout: 20_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
};

/**
 * The server gives a statement up before we do: one that waits for a lock does not notice that nobody is there any more to
 * hear its answer, and would be carried out in the end, with what it claims claimed by nobody.
 */
const LONGEST_STATEMENT_MS = 18_000;

const MOST_TRIES = 10;

/**
 * Options of a pool whose statements, nearly all, look rows up. PostgreSQL plans a prepared statement in its first
 * executions, by what the tables are then: a queue that is empty at that moment would be read as a whole, and still be so
 * when a million attempts are due, until its statistics are made anew a minute later. So no table is read as a whole where
 * an index leads to the rows; see foundBy(). Nothing is compiled first, which before PostgreSQL 18 takes longer than reading
 * what seemed costly. And nothing is shared out among parallel workers, as it would be in a long log: to start them takes
 * fifty milliseconds, and the look-ups three.
 */
const looksUp = {
  ...impatient,
  onConnect: async (client: ClientBase): Promise<void> => {
    await impatient.onConnect(client);
    await client.query(
      'set enable_seqscan = off; set jit = off; set max_parallel_workers_per_gather = 0; ' +
        `set statement_timeout = ${LONGEST_STATEMENT_MS}`,
    );
  },
};

/**
 * The pg pool of the statements that are written as SQL. They bypass MikroORM because its execute()
 * rewrites placeholders and flattens arrays. bigint columns come as numbers: every id has at most 52 bits.
 */
export class DatabasePool {
  readonly pool: Pool;

  constructor(
    readonly url: string,
    options: { max: number },
  ) {
    this.pool = new Pool({
      connectionString: url,
      max: options.max,
      ...PATIENCE,
      ...looksUp,
      types: {
        getTypeParser: (oid, format) => (oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)),
      },
    });
    // A dropped connection is replaced at the next use, and a statement that it was for fails by itself; without a
    // listener it would end the process. The pool's own hears of idle connections alone.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Runs a statement that PostgreSQL prepares once for each connection, under its name. */
  async run<Row extends QueryResultRow>(statement: SqlStatement, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>({ ...statement, values })).rows;
  }

  /**
   * As run(), and again where PostgreSQL refuses it with this error code, ten times at the most. All on one connection:
   * PostgreSQL tells of a failure a moment before it gives back the locks, and on another the next try might still meet them.
   */
  async runPast<Row extends QueryResultRow>(code: string, statement: SqlStatement, values: unknown[]): Promise<Row[]> {
    const client = await this.pool.connect();
    let failure: Error | undefined;
    try {
      for (let tries = 1; ; tries += 1) {
        try {
          return (await client.query<Row>({ ...statement, values })).rows;
        } catch (error) {
          if (errorCode(error) !== code || tries === MOST_TRIES) {
            failure = error as Error;
            throw error;
          }
        }
      }
    } finally {
      client.release(failure);
    }
  }

  /** Runs a statement once, unprepared. */
  async query<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<QueryResult<Row>> {
    return this.pool.query<Row>(text, values);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

export interface SqlStatement {
  name: string;
  text: string;
}
