import { setTimeout as sleep } from 'node:timers/promises';
import type { Webhook } from '../../src/webhooks/webhook.entity.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { wake } from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
import { buildOrganisation } from '../support/factories.js';
import { buildWebhook } from '../support/hostile-run.js';
import { balanceOf, makeLoad, type Balance } from '../support/load.js';
import { answers, startReceiver, type ReceivedRequest, type Receiver } from '../support/receivers.js';
import { startWorkerProcess, type WorkerProcess } from '../support/spawn-worker.js';

/** `FAULT_CYCLES=500` is the long form. */
const CYCLES = Number(process.env.FAULT_CYCLES ?? 20);
/** Far beyond what an answer takes on a busy machine: a call that times out waits half an hour for its next attempt. */
const DEADLINE_SECONDS = 5;
/** The deadline and 15 s to record. */
const LEASE_MS = (DEADLINE_SECONDS + 15) * 1_000;

let database: TestDatabase;
/** Makes the load and looks on; delivers nothing. */
let onlooker: TestWorker;
/** One for each webhook: an origin gets 64 connections at the most. */
let receivers: Receiver[];
let webhooks: Webhook[];
const processes: WorkerProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
  // Long enough that a fault finds calls under way.
  const answer = answers.after(20, 200);
  receivers = await Promise.all(Array.from({ length: 10 }, () => startReceiver({ answer })));
  const organisation = await buildOrganisation(onlooker, null);
  webhooks = await Promise.all(
    receivers.map((receiver, index) =>
      buildWebhook(onlooker, organisation, `Webhook ${index}`, receiver.url('/hook'), {
        timeoutSeconds: DEADLINE_SECONDS,
      }),
    ),
  );
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.kill()));
  await onlooker.close();
  await Promise.all(receivers.map((receiver) => receiver.close()));
  await database.drop();
});

it(
  'SIGKILL of the delivering process, again and again under load, loses nothing',
  async () => {
    const ids: number[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      ids.push(...(await makeLoad(onlooker, webhooks, 100)));
      const process = await startProcess();
      await sleep(Math.random() * 400);
      await process.kill();
    }
    const killedAt = performance.now();
    await startProcess();
    // What the killed ones held is free when its lease has ended; a look each second finds it.
    await eventually(async () => (await claimedByOthers()) === 0, LEASE_MS + 5_000);
    const freeAfterMs = performance.now() - killedAt;
    const balance = await whenAllEnded(ids);

    expect(balance).toMatchObject({
      failed: {},
      made: CYCLES * 100,
      succeeded: CYCLES * 100,
      lost: [],
      unexplained: [],
    });
    expect(balance.interrupted).toBeGreaterThan(0);
    tell(`SIGKILL, ${CYCLES} cycles`, balance, { freeAfterMs: Math.round(freeAfterMs) });
  },
  CYCLES * 5_000 + 120_000,
);

it('of three processes on one database, one is killed, and the others do its work', async () => {
  for (const receiver of receivers) receiver.answer = answers.after(200, 200);
  // More than one process takes, so that all three have some.
  await onlooker.pool.query('update webhook set maximum_concurrency = 60');
  const [, second] = await Promise.all([startProcess(), startProcess(), startProcess()]);
  const ids = await makeLoad(onlooker, webhooks, 4_000);
  // None of them is there a second before the others.
  wake(onlooker);
  await received(1_000);
  await second.kill();
  const balance = await whenAllEnded(ids);

  expect(balance).toMatchObject({ failed: {}, made: 4_000, succeeded: 4_000, lost: [], unexplained: [] });
  expect(balance.interrupted).toBeGreaterThan(0);
  tell('three processes, one killed', balance);
}, 120_000);

it('SIGTERM under load ends the calls under way, hands the rest back, and nothing is delivered twice', async () => {
  const first = await startProcess();
  const ids = await makeLoad(onlooker, webhooks, 2_000);
  await received(200);
  const toldAt = performance.now();
  first.signal('SIGTERM');
  await first.gone;
  const endedAfterMs = Math.round(performance.now() - toldAt);
  expect(endedAfterMs).toBeLessThan(DEADLINE_SECONDS * 1_000 + 2_000);
  expect(await claimedByOthers()).toBe(0);
  expect(requests().length).toBeLessThan(2_000);
  await startProcess();
  const balance = await whenAllEnded(ids);

  expect(balance).toMatchObject({
    failed: {},
    succeeded: 2_000,
    lost: [],
    unexplained: [],
    interrupted: 0,
    duplicates: 0,
  });
  tell('SIGTERM', balance, { endedAfterMs });
}, 120_000);

it('a process that was suspended for longer than its leases changes nothing when it goes on', async () => {
  const zombie = await startProcess();
  const ids = await makeLoad(onlooker, webhooks, 1_000);
  await received(200);
  zombie.signal('SIGSTOP');
  await startProcess();
  const balance = await whenAllEnded(ids);
  const log = await wholeLog(ids);
  const arrived = requests().length;
  zombie.signal('SIGCONT');
  await sleep(2_000);

  expect(balance).toMatchObject({ failed: {}, made: 1_000, succeeded: 1_000, lost: [], unexplained: [] });
  expect(balance.interrupted).toBeGreaterThan(0);
  expect(await wholeLog(ids)).toEqual(log);
  tell('SIGSTOP', balance, { callsAfterwards: requests().length - arrived });
}, 120_000);

function requests(): ReceivedRequest[] {
  return receivers.flatMap((receiver) => receiver.requests);
}

async function received(count: number): Promise<void> {
  await eventually(() => requests().length >= count, 30_000);
}

async function startProcess(): Promise<WorkerProcess> {
  const process = await startWorkerProcess(database);
  processes.push(process);
  return process;
}

/** Attempts whose lease a process that is gone holds: whoever lives holds none for so long. */
async function claimedByOthers(): Promise<number> {
  const { rows } = await onlooker.pool.query(
    `select count(*)::integer as claimed from due_attempt
      where claim_id is not null and claimed_at < clock_timestamp() - make_interval(secs => $1)`,
    [DEADLINE_SECONDS * 2],
  );
  return rows[0]!.claimed;
}

/** Or when it should long have been: the balance tells what is not. */
async function whenAllEnded(ids: readonly number[]): Promise<Balance> {
  const due = async () => {
    const { rows } = await onlooker.pool.query('select 1 from due_attempt where delivery_id = any($1) limit 1', [ids]);
    return rows.length > 0;
  };
  const end = performance.now() + 90_000;
  while ((await due()) && performance.now() < end) await sleep(100);
  return balanceOf(onlooker, ids, requests());
}

async function wholeLog(ids: readonly number[]): Promise<unknown[]> {
  const { rows } = await onlooker.pool.query(
    `select delivery.*, attempt.* from delivery join attempt on delivery_id = id where id = any($1) order by id, number`,
    [ids],
  );
  return rows;
}

/** What was done and counted, for whoever reads the run. */
function tell(what: string, balance: Balance, more: Record<string, number> = {}): void {
  const { made, succeeded, interrupted, duplicates } = balance;
  process.stdout.write(`${what}: ${JSON.stringify({ made, succeeded, interrupted, duplicates, ...more })}\n`);
}
