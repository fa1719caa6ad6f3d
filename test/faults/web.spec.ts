import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, startWorker, TEST_KEYS, type TestDatabase, type TestWorker } from '../support/app.js';
import { freePort, killStarted, startCommand, type RunningCommand } from '../support/command.js';
import { Customers, nothingMissing, surveyPaths } from '../support/customers.js';
import { eventually } from '../support/eventually.js';
import { buildOrganisation } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receivers.js';

/** `FAULT_CYCLES=500` is the long form. */
const CYCLES = Number(process.env.FAULT_CYCLES ?? 5);
const ANSWERS_A_CYCLE = 300;

let database: TestDatabase;
/** Delivers; the web is a process of its own, which is killed. */
let worker: TestWorker;
let receiver: Receiver;
let customers: Customers | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await startWorker(database, { PROCESS: 'delivery' });
  receiver = await startReceiver();
});
afterAll(async () => {
  customers?.abandon();
  killStarted();
  await worker?.close();
  await receiver?.close();
  await database?.drop();
});

it(
  'SIGKILL of the web process while surveys are submitted loses no answer that was acknowledged',
  async () => {
    const demo = await buildOrganisation(worker, receiver.url('/hook'));
    const port = await freePort();
    const paths = await surveyPaths(worker, demo.survey, CYCLES * ANSWERS_A_CYCLE);
    let web = await startWebProcess(port);
    customers = new Customers(
      paths.map((path) => `${web.url}${path}`),
      8,
    );
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      const { told } = customers;
      const before = told.acknowledged.length;
      await eventually(() => told.acknowledged.length >= before + 10, 30_000);
      await sleep(Math.random() * 300);
      process.kill(-web.process.pid!, 'SIGKILL');
      await web.ended;
      web = await startWebProcess(port);
    }
    const counted = await nothingMissing(worker, demo.organisation.id, await customers.stop(), receiver);
    // Somebody was interrupted, or nothing was shown.
    expect(counted.unanswered).toBeGreaterThan(0);
    process.stdout.write(`SIGKILL of the web process, ${CYCLES} cycles: ${JSON.stringify(counted)}\n`);
  },
  CYCLES * 20_000 + 60_000,
);

function startWebProcess(port: number): Promise<RunningCommand> {
  return startCommand({
    dataDir: '/nowhere',
    port,
    variables: {
      PROCESS: 'web',
      DATABASE_URL: database.appUrl,
      ENCRYPTION_KEYS: TEST_KEYS,
      BASE_URL: `http://localhost:${port}`,
      DELIVERY_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128',
    },
  });
}
