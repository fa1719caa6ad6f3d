import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { attempted, deliveryOf, dueOf, endLease, logOf, underWay } from '../support/deliveries.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';
import { startWorkerProcess, type WorkerProcess } from '../support/spawn-worker.js';

let database: TestDatabase;
/** Looks on; delivers nothing by itself. */
let onlooker: TestWorker;
let receiver: Receiver;
let organisation: TestOrganisation;
const processes: WorkerProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});
beforeEach(async () => {
  receiver = await startReceiver();
  organisation = await buildOrganisation(onlooker, receiver.url('/hook'));
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.kill()));
  await receiver.close();
});

describe('a delivery claimed by a worker that died', () => {
  it('is delivered again under the same Webhook ID, after SIGKILL in the middle of the call', async () => {
    receiver.answer = answers.hang();
    const first = await startProcess();
    const invitation = await buildInvitation(onlooker, organisation.survey);
    await answer(onlooker, organisation.survey, invitation);
    await receiver.received(1, 10_000);
    await first.kill();

    const id = await onlyDelivery();
    expect(await underWay(onlooker, id)).toMatchObject({ number: 1, claimed: true });
    receiver.answer = 200;
    await endLease(onlooker, id);
    await startProcess();
    await attempted(onlooker, id, 2);

    expect(await logOf(onlooker, id)).toEqual(['1 interrupted', '2 succeeded']);
    expect(await deliveryOf(onlooker, id)).toMatchObject({
      status: 'succeeded',
      automatic_attempts: 1,
      interrupted_attempts: 1,
      manual_attempts: 0,
    });
    expect(receiver.requests.map((request) => request.headers['webhook-id'])).toEqual([
      webhookIdOf(id),
      webhookIdOf(id),
    ]);
    expect(receiver.requests[1]!.body).toEqual(receiver.requests[0]!.body);
    expect(await dueOf(onlooker, id)).toEqual([]);
  });
});

async function startProcess(): Promise<WorkerProcess> {
  const process = await startWorkerProcess(database);
  processes.push(process);
  return process;
}

async function onlyDelivery(): Promise<number> {
  const { rows } = await onlooker.pool.query<{ id: number }>('select id from delivery where webhook_id = $1', [
    organisation.webhook.id,
  ]);
  expect(rows).toHaveLength(1);
  return rows[0]!.id;
}
