import { PATIENCE } from '../../src/database/database-pool.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { buildOrganisation } from '../support/factories.js';
import { openTransaction } from '../support/locks.js';

let database: TestDatabase;
let worker: TestWorker;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await startWorker(database, { PROCESS: 'web' });
});
afterAll(async () => {
  await worker?.close();
  await database?.drop();
});

it('the server gives up a statement that waits for a lock before we do, so that it is not carried out unheard', async () => {
  const { webhook } = await buildOrganisation(worker, 'http://127.0.0.1:9/');
  const other = await openTransaction(worker);
  await other.query('select from webhook where id = $1 for update', [webhook.id]);
  const beganAt = performance.now();
  try {
    await expect(
      worker.pool.query('update webhook set enabled = false where id = $1', [webhook.id]),
    ).rejects.toMatchObject({ code: '57014' });
  } finally {
    await other.commit();
  }
  expect(performance.now() - beganAt).toBeLessThan(PATIENCE.query_timeout);
  expect((await worker.pool.query('select enabled from webhook where id = $1', [webhook.id])).rows).toEqual([
    { enabled: true },
  ]);
}, 60_000);
