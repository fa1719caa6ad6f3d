import type { PoolClient } from 'pg';
import type { Keyring } from '../config/keyring.js';
import type { DatabasePool } from './database-pool.js';
import { decryptSecret, encryptSecret, needsReencryption, SecretUnreadable } from './encryption.js';

/** A column of encrypted secrets, as the room that owns its table describes it. The table has `id` and `organisation_id`. */
export interface SecretColumn {
  readonly table: string;
  readonly column: string;
  /** SQL that gives the row's name, which its secret is bound to. */
  readonly row: string;
  /** SQL that locks, for the rows whose ids are $1, what everybody else locks before them. */
  readonly lockFirst?: string;
}

export interface Reencryption {
  opened: number;
  rewritten: number;
  /** What could not be opened, a sentence each; it stays as it is. */
  unreadable: string[];
}

const ROWS_A_BATCH = 200;

/**
 * Opens every secret of a column and writes those that are not under the active key anew, a batch in each
 * transaction, while the application runs. What changes meanwhile is left alone: whoever changed it encrypted it.
 */
export async function reencryptSecrets(
  database: DatabasePool,
  keyring: Keyring,
  column: SecretColumn,
): Promise<Reencryption> {
  const result: Reencryption = { opened: 0, rewritten: 0, unreadable: [] };
  let rows = await batchBehind(database, column, 0);
  while (rows.length > 0) {
    const renewed = rows.map((row) => renew(keyring, column, row, result)).filter((row) => row !== null);
    if (renewed.length > 0) {
      result.rewritten += await write(database, column, renewed);
    }
    rows = await batchBehind(database, column, rows.at(-1)!.id);
  }
  return result;
}

interface SecretRow {
  id: number;
  organisation_id: number;
  row: string;
  envelope: string;
}

interface Renewed {
  id: number;
  before: string;
  after: string;
}

async function batchBehind(database: DatabasePool, column: SecretColumn, id: number): Promise<SecretRow[]> {
  const { rows } = await database.query<SecretRow>(
    `select id, organisation_id, ${column.row} as row, ${column.column} as envelope from ${column.table}
      where id > $1 and ${column.column} is not null order by id limit ${ROWS_A_BATCH}`,
    [id],
  );
  return rows;
}

/** Answers null when there is nothing to write. */
function renew(keyring: Keyring, column: SecretColumn, row: SecretRow, result: Reencryption): Renewed | null {
  const { organisation_id: organisationId, envelope } = row;
  const location = { organisationId, table: column.table, row: row.row, field: column.column };
  try {
    const secret = decryptSecret(keyring, envelope, location);
    result.opened += 1;
    return needsReencryption(keyring, envelope)
      ? { id: row.id, before: envelope, after: encryptSecret(keyring, secret, location) }
      : null;
  } catch (error) {
    if (!(error instanceof SecretUnreadable)) {
      throw error;
    }
    result.unreadable.push(error.message);
    return null;
  }
}

async function write(database: DatabasePool, column: SecretColumn, renewed: readonly Renewed[]): Promise<number> {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    const written = await replace(client, column, renewed);
    await client.query('commit');
    client.release();
    return written;
  } catch (error) {
    // Closing the connection rolls back.
    client.release(true);
    throw error;
  }
}

async function replace(client: PoolClient, { table, column, lockFirst }: SecretColumn, renewed: readonly Renewed[]) {
  const ids = renewed.map((row) => row.id);
  if (lockFirst) {
    await client.query(lockFirst, [ids]);
  }
  const { rowCount } = await client.query(
    `update ${table} set ${column} = renewed.after
       from unnest($1::bigint[], $2::text[], $3::text[]) as renewed(id, before, after)
      where ${table}.id = renewed.id and ${table}.${column} = renewed.before`,
    [ids, renewed.map((row) => row.before), renewed.map((row) => row.after)],
  );
  return rowCount ?? 0;
}
