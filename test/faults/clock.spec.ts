import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { buildOrganisation } from '../support/factories.js';
import { buildWebhook } from '../support/hostile-run.js';
import { makeLoad } from '../support/load.js';
import { startReceiver, type Receiver } from '../support/receivers.js';
import { startWorkerProcess, type WorkerProcess } from '../support/spawn-worker.js';

const COUNT = 500;
const WAIT_SECONDS = 2;

let database: TestDatabase;
let onlooker: TestWorker;
let receiver: Receiver;
let jumping: WorkerProcess | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
});
afterAll(async () => {
  await jumping?.kill();
  await onlooker?.close();
  await receiver?.close();
  await database?.drop();
});

it('a wall clock that jumps by two hours, there and back, makes no attempt early, late or lost', async () => {
  // The first call of each delivery fails, so that a second one is due after the wait.
  const arrivals = new Map<string, number[]>();
  receiver = await startReceiver({
    answer: ({ headers, startedAt }, response) => {
      const id = String(headers['webhook-id']);
      const before = arrivals.get(id) ?? [];
      arrivals.set(id, [...before, startedAt]);
      response.writeHead(before.length === 0 ? 503 : 200).end();
    },
  });
  const organisation = await buildOrganisation(onlooker, null);
  const webhook = await buildWebhook(onlooker, organisation, 'Jumping', receiver.url('/hook'), {
    timeoutSeconds: 10,
    retry: { kind: 'waits', seconds: [WAIT_SECONDS, WAIT_SECONDS] },
  });
  jumping = await startWorkerProcess(database, ['--import', `${import.meta.dirname}/../support/jumping-clock.mjs`]);
  const ids = await makeLoad(onlooker, [webhook], COUNT);
  await eventually(async () => {
    const { rows } = await onlooker.pool.query('select 1 from due_attempt where webhook_id = $1 limit 1', [webhook.id]);
    return rows.length === 0;
  }, 60_000);

  const { rows } = await onlooker.pool.query<{ status: string; attempts: number; gap: number; ahead: number }>(
    `select delivery.status, automatic_attempts as attempts,
            extract(epoch from second.started_at - first.started_at - make_interval(secs => first.duration_ms / 1000.0))
              ::double precision as gap,
            extract(epoch from greatest(first.started_at, second.started_at) - clock_timestamp())::double precision as ahead
       from delivery
       join attempt first on first.delivery_id = delivery.id and first.number = 1
       join attempt second on second.delivery_id = delivery.id and second.number = 2
      where delivery.id = any($1)`,
    [ids],
  );
  expect(rows).toHaveLength(COUNT);
  expect(rows.filter(({ status, attempts }) => status !== 'succeeded' || attempts !== 2)).toEqual([]);
  // By the database's clock, which did not jump; half a millisecond is lost in rounding a duration.
  expect(Math.min(...rows.map(({ gap }) => gap))).toBeGreaterThan(WAIT_SECONDS - 0.01);
  expect(Math.max(...rows.map(({ gap }) => gap))).toBeLessThan(WAIT_SECONDS + 30);
  expect(Math.max(...rows.map(({ ahead }) => ahead))).toBeLessThan(0);
  // And by the receiver's.
  const gaps = [...arrivals.values()].map(([first, second]) => (second! - first!) / 1000);
  expect(gaps).toHaveLength(COUNT);
  expect(Math.min(...gaps)).toBeGreaterThan(WAIT_SECONDS);
  process.stdout.write(`clock ±2 h: ${JSON.stringify({ deliveries: COUNT, shortestWait: Math.min(...gaps) })}\n`);
}, 120_000);
