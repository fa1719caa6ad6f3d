import { setTimeout as sleep } from 'node:timers/promises';
import { DatabasePool } from '../../src/database/database-pool.js';
import { WakeUp, type Work } from '../../src/outbox/wake-up.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { eventually } from '../support/eventually.js';

/** What a process has of it. */
interface Process {
  pool: DatabasePool;
  wakeUp: WakeUp;
  woken: Work[];
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

beforeEach(() => {
  for (const each of processes) {
    each.woken = [];
  }
});

it('wakes its own process once, and the others', async () => {
  const [own, other] = processes as [Process, Process];

  own.wakeUp.signal('any');

  expect(own.woken).toEqual(['any']);
  await eventually(() => other.woken.length === 1);
  // Both are told at the same moment: what would wake it again is here within this.
  await sleep(300);
  expect(own.woken).toHaveLength(1);
  await own.pool.query('notify answerback_work');
  await eventually(() => own.woken.length === 2 && other.woken.length === 2);
  expect([own.woken[1], other.woken]).toEqual(['any', ['any', 'any']]);
});

it('says where there is nothing but events to take, and to the others only where all of it was that', async () => {
  const [own, other] = processes as [Process, Process];

  own.wakeUp.signal('events');
  await eventually(() => other.woken.length === 1);
  own.wakeUp.signal('events');
  own.wakeUp.signal('any');
  own.wakeUp.signal('events');
  await eventually(() => other.woken.length === 2);
  own.wakeUp.signal('events');
  await eventually(() => other.woken.length === 3);

  expect(own.woken).toEqual(['events', 'events', 'any', 'events', 'events']);
  expect(other.woken).toEqual(['events', 'any', 'events']);
});

it('tells others alone of what its own process knows', async () => {
  const [own, other] = processes as [Process, Process];

  own.wakeUp.tellOthers('any');
  await eventually(() => other.woken.length === 1);

  expect([own.woken, other.woken]).toEqual([[], ['any']]);
});

/** Listens; what woke it up at its start is not counted. */
async function startProcess(): Promise<Process> {
  const pool = new DatabasePool(database.appUrl, { max: 2 });
  const process: Process = { pool, wakeUp: new WakeUp(pool), woken: [] };
  await process.wakeUp.listen();
  process.wakeUp.onSignal((work) => process.woken.push(work));
  return process;
}
