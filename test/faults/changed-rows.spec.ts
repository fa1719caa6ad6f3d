import { startWorker, type TestWorker } from '../support/app.js';
import { answer, buildApiWebhook, buildInvitation, buildOrganisation } from '../support/factories.js';
import { makeLoad } from '../support/load.js';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.js';
import { startReceiver, type Receiver } from '../support/receivers.js';

const WEBHOOKS = 20;
const DELIVERIES = 2_000;
const RETRIES = 7;

let postgres: OwnPostgres;
let worker: TestWorker;
let receiver: Receiver;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  worker = await startWorker(postgres);
  receiver = await startReceiver({ answer: 503 });
}, 60_000);
afterAll(async () => {
  await worker?.close().catch(() => undefined);
  await receiver?.close();
  await postgres?.drop();
}, 60_000);

/**
 * PostgreSQL 18 crashes, all connections with it, where a statement that prunes partitions row by row meets a row that was
 * changed between its snapshot and its lock. Each failed attempt locks such a row: the trouble of its webhook.
 */
it('the rows that recording locks may be changed by others all the while, and PostgreSQL stays up', async () => {
  const organisation = await buildOrganisation(worker, null);
  const policy = {
    retry: { kind: 'waits' as const, seconds: Array.from({ length: RETRIES }, () => 0) },
    circuit: null,
    switchesOff: false,
  };
  const webhooks = [];
  for (let index = 0; index < WEBHOOKS; index += 1) {
    webhooks.push(await buildApiWebhook(worker, organisation, receiver.url(`/${index}`), policy));
  }
  const ids = await makeLoad(worker, webhooks, DELIVERIES);
  const began = await postgres.startedAt();

  let changed = 0;
  while ((await leftOf(ids)) > 0) {
    await Promise.all(
      webhooks.map(({ id }) =>
        worker.pool.query('update webhook_trouble set told_at = clock_timestamp() where webhook_id = $1', [id]),
      ),
    );
    changed += webhooks.length;
  }
  expect(changed).toBeGreaterThan(500);
  expect(await postgres.startedAt()).toEqual(began);
  const { rows } = await worker.pool.query(
    `select status, automatic_attempts, interrupted_attempts, count(*)::integer from delivery where id = any($1) group by 1, 2, 3`,
    [ids],
  );
  expect(rows).toEqual([
    { status: 'failed', automatic_attempts: RETRIES + 1, interrupted_attempts: 0, count: DELIVERIES },
  ]);
}, 120_000);

/** An answer waits for the one before it, and then looks again at the invitation that this one has changed. */
it('so may the invitation that answers of several processes are given to', async () => {
  const { survey } = await buildOrganisation(worker, null);
  const invitation = await buildInvitation(worker, survey);
  const others = await Promise.all([1, 2, 3].map(() => startWorker(postgres, { PROCESS: 'web' })));
  const began = await postgres.startedAt();
  try {
    await Promise.all(
      [worker, ...others].map(async (each) => {
        for (let overall = 0; overall < 50; overall += 1) {
          await answer(each, survey, invitation, { overall: overall % 10 });
        }
      }),
    );
  } finally {
    await Promise.all(others.map((each) => each.close()));
  }

  expect(await postgres.startedAt()).toEqual(began);
  const { rows } = await worker.pool.query(
    `select count(*)::integer as submissions, count(distinct response_id)::integer as responses
       from submission where invitation_id = $1`,
    [invitation.id],
  );
  expect(rows).toEqual([{ submissions: 200, responses: 1 }]);
}, 60_000);

async function leftOf(ids: readonly number[]): Promise<number> {
  const { rows } = await worker.pool.query<{ left: number }>(
    'select count(*)::integer as left from due_attempt where delivery_id = any($1)',
    [ids],
  );
  return rows[0]!.left;
}
