import { setTimeout as sleep } from 'node:timers/promises';
import { DatabasePool } from '../../src/database/database-pool.js';
import { WakeUp } from '../../src/outbox/wake-up.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { eventually } from '../support/eventually.js';

/** What a process has of it. */
interface Process {
  pool: DatabasePool;
  wakeUp: WakeUp;
  woken: number;
}

let database: TestDatabase;
let processes: Process[];

beforeAll(async () => {
  database = await createTestDatabase();
  processes = await Promise.all([startProcess(), startProcess()]);
});
afterAll(async () => {
  await Promise.all(processes.map(({ wakeUp }) => wakeUp.onModuleDestroy()));
  await Promise.all(processes.map(({ pool }) => pool.close()));
  await database?.drop();
});

it('wakes its own process once, and the others', async () => {
  const [own, other] = processes as [Process, Process];

  own.wakeUp.signal();

  expect(own.woken).toBe(1);
  await eventually(async () => other.woken === 1);
  // Both are told at the same moment: what would wake it again is here within this.
  await sleep(300);
  expect(own.woken).toBe(1);
  await own.pool.query('notify answerback_work');
  await eventually(async () => own.woken === 2 && other.woken === 2);
});

/** Listens; what woke it up at its start is not counted. */
async function startProcess(): Promise<Process> {
  const pool = new DatabasePool(database.appUrl, { max: 2 });
  const process: Process = { pool, wakeUp: new WakeUp(pool), woken: 0 };
  await process.wakeUp.listen();
  process.wakeUp.onSignal(() => (process.woken += 1));
  return process;
}
