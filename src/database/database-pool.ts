import { Pool, types, type QueryResult, type QueryResultRow } from 'pg';

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
      types: {
        getTypeParser: (oid, format) => (oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)),
      },
    });
    // A dropped idle connection is replaced at the next use; without a listener it would end the process.
    this.pool.on('error', () => undefined);
  }

  /** Runs a statement that PostgreSQL prepares once for each connection, under its name. */
  async run<Row extends QueryResultRow>(statement: SqlStatement, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>({ name: statement.name, text: statement.text, values })).rows;
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
