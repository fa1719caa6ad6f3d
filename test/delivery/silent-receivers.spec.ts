import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { attempted, comeDue, deliveryOf, logOf, newDelivery } from '../support/deliveries.js';
import { buildOrganisation } from '../support/factories.js';
import { startForwarder, type Forwarder } from '../support/forwarder.js';
import { startReceiver, type Receiver } from '../support/receivers.js';

const DEADLINE_SECONDS = 3;

let database: TestDatabase;
let worker: TestWorker;
let receiver: Receiver;
let way: Forwarder;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await startWorker(database);
  receiver = await startReceiver();
  way = await startForwarder(receiver.url('/hook'));
});
afterAll(async () => {
  await worker?.close();
  await way?.close();
  await receiver?.close();
  await database?.drop();
});

it('a kept connection on which nothing passes any more costs one attempt its deadline, and no later one', async () => {
  const organisation = await buildOrganisation(worker, way.url);
  await worker.pool.query('update webhook set policy = policy || $2 where id = $1', [
    organisation.webhook.id,
    { timeoutSeconds: DEADLINE_SECONDS },
  ]);
  await attempted(worker, await newDelivery(worker, organisation), 1);
  expect(receiver.connections).toBe(1);

  way.goSilent();
  way.speakAgain();
  const id = await newDelivery(worker, organisation);
  await attempted(worker, id, 1, 20_000);
  const { rows } = await worker.pool.query<{ duration_ms: number }>(
    'select duration_ms from attempt where delivery_id = $1',
    [id],
  );
  expect(rows[0]!.duration_ms).toBeGreaterThanOrEqual(DEADLINE_SECONDS * 1_000 - 50);
  expect(rows[0]!.duration_ms).toBeLessThan((DEADLINE_SECONDS + 12) * 1_000);

  await comeDue(worker, id);
  await attempted(worker, id, 2);
  expect(await deliveryOf(worker, id)).toMatchObject({ status: 'succeeded' });
  expect(await logOf(worker, id)).toEqual(['1 timeout', '2 succeeded']);
  expect(receiver.connections).toBe(2);
});
