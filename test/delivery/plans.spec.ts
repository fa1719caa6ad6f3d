import type { ClientBase } from 'pg';
import type { SqlStatement } from '../../src/database/database-pool.js';
import { claimStatement, releaseStatement } from '../../src/delivery/claim.sql.js';
import { dispatchStatement, pendingEventsStatement } from '../../src/delivery/dispatch.sql.js';
import {
  deliveredEventsStatement,
  keepRequestsStatement,
  keptRequestsStatement,
  loadTracesStatement,
  loadWebhooksStatement,
} from '../../src/delivery/load.sql.js';
import { noteTroubleStatement } from '../../src/delivery/note-trouble.sql.js';
import { recordStatement } from '../../src/delivery/record-attempt.sql.js';
import { rescueStatement, takeOverStatement } from '../../src/delivery/rescue.sql.js';
import { lookBeforeSubmittingStatement, submitStatement } from '../../src/responses/submit-response.sql.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { asOwner } from '../support/database.js';
import { newDelivery } from '../support/deliveries.js';
import { buildOrganisation } from '../support/factories.js';

/** Tables, and partitions of tables, that grow with what is answered and delivered. */
const GROWING = /^(due_attempt|delivery|attempt|exchange|reply_body|event|response|submission|invitation)/;

let database: TestDatabase;
/** Delivers nothing, so that the tables stay as they are. */
let onlooker: TestWorker;

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
  await newDelivery(onlooker, await buildOrganisation(onlooker, 'https://example.com/'));
  await asOwner(database)('vacuum analyze');
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});

const statements: SqlStatement[] = [
  pendingEventsStatement,
  dispatchStatement,
  claimStatement,
  releaseStatement,
  deliveredEventsStatement,
  keptRequestsStatement,
  keepRequestsStatement,
  loadTracesStatement,
  loadWebhooksStatement,
  recordStatement,
  noteTroubleStatement,
  takeOverStatement,
  rescueStatement,
  lookBeforeSubmittingStatement,
  submitStatement,
];

/** What is planned while a table has one row is still done so when it has a million. */
describe('planned on tables of one row', () => {
  it.each(statements)('$name looks up its rows by their keys', async (statement) => {
    const plan = await planOf(statement);

    expect(plan.join('\n')).toMatch(/Scan|Insert/);
    expect(plan.filter((line, at) => readsWhole(statement, line, plan[at + 1]))).toEqual([]);
  });

  it.each([lookBeforeSubmittingStatement, submitStatement])(
    '$name finds an earlier response by its invitation, not among all of the organisation',
    async (statement) => {
      expect(scansOf('response', await planOf(statement))).toEqual(['response_by_invitation']);
    },
  );
});

it('the events of claimed deliveries are not planned anew for each of them', async () => {
  const client = await onlooker.pool.pool.connect();
  try {
    for (let execution = 0; execution < 10; execution += 1) {
      await client.query({ ...deliveredEventsStatement, values: ['{1}'] });
    }
    const { rows } = await client.query<{ kept: number }>(
      'select generic_plans as kept from pg_prepared_statements where name = $1',
      [deliveredEventsStatement.name],
    );
    expect(rows).toEqual([{ kept: 5 }]);
  } finally {
    client.release();
  }
});

/** As PostgreSQL would like to in a long log; to start them takes longer than these statements. */
it.each(statements)('$name is done by one process', async (statement) => {
  const client = await onlooker.pool.pool.connect();
  try {
    await client.query(
      `set parallel_setup_cost = 0; set parallel_tuple_cost = 0;
       set min_parallel_table_scan_size = 0; set min_parallel_index_scan_size = 0`,
    );
    expect((await planOf(statement, client)).filter((line) => line.includes('Gather'))).toEqual([]);
  } finally {
    client.release(true);
  }
});

async function planOf({ text }: SqlStatement, on: Pick<ClientBase, 'query'> = onlooker.pool.pool): Promise<string[]> {
  const { rows } = await on.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${text}`);
  return rows.map((row) => row['QUERY PLAN']);
}

/** Whether it is a scan of a growing table that no key narrows. */
function readsWhole({ name }: SqlStatement, line: string, next = ''): boolean {
  const scan = /(?:Seq Scan|Index (?:Only )?Scan (?:Backward )?using (\w+)) on (\w+)|Bitmap Index Scan on (\w+)/.exec(
    line,
  );
  const [, index, table, bitmapped] = scan ?? [];
  return GROWING.test(table ?? bitmapped ?? '') && !KEY.test(next) && !(WALKED[name] ?? []).includes(index ?? '');
}

/** Claims have an index of their own, as small as they are few, and a walk along the lanes takes one step in each. */
const WALKED: Record<string, string[]> = {
  [claimStatement.name]: ['due_attempt_claimed', 'due_attempt_by_lane', 'due_attempt_by_hand'],
  [dispatchStatement.name]: ['due_attempt_claimed_by_webhook'],
  [takeOverStatement.name]: ['due_attempt_claimed'],
};
/** One of the columns that tell few rows apart, as an organisation or a kind of attempt does not. */
const KEY = /Index Cond: .*\b(id|delivery_id|event_id|invitation_id|ticket_id)\b/;

/** The indexes by which a plan looks into a table. */
function scansOf(table: string, plan: string[]): string[] {
  return plan.flatMap((line) => new RegExp(`Index Scan using (\\w+) on ${table} `).exec(line)?.[1] ?? []);
}
