import { gzipSync } from 'node:zlib';
import { sendTest } from '../../src/delivery/send-test.js';
import { Outbox } from '../../src/outbox/outbox.js';
import { RecordCatalogue } from '../../src/records/record-catalogue.js';
import { Webhook } from '../../src/webhooks/webhook.entity.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { testAuthority } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { hostileAnswers } from '../support/hostile-answers.js';
import { handshakeUrl, hostileHandshakes } from '../support/hostile-handshakes.js';
import { buildWebhook } from '../support/hostile-run.js';
import { answers, startReceiver, type Answer } from '../support/receivers.js';
import { startMeasuredWorkerProcess, type MeasuredWorkerProcess } from '../support/spawn-worker.js';

const MIB = 1024 * 1024;
/** Such a process peaks at 300 to 450; one that takes replies as long as they come passes 1,400 in the first round. */
const MOST_MIB = 700;
/** Of each receiver, in each round. */
const CALLS = 10;

/** More that would fill the memory of whoever lets them. */
const hungry: Record<string, Answer> = {
  'a gzip bomb with a 500': answers.with(500, gzipSync(Buffer.alloc(64 * MIB)), { 'content-encoding': 'gzip' }),
  'a length of 1 TiB': answers.endlessBody(500, 2 ** 40),
  'endless trailers of a 500': answers.endlessTrailers(500),
};

let database: TestDatabase;
let onlooker: TestWorker;
let organisation: TestOrganisation;
let worker: MeasuredWorkerProcess;
const webhookIds: number[] = [];
const servers: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
  organisation = await buildOrganisation(onlooker, null);
  const answered = {
    ...Object.fromEntries(Object.entries(hostileAnswers).map(([name, [answer]]) => [name, answer])),
    ...hungry,
  };
  for (const [name, answer] of Object.entries(answered)) {
    const receiver = await startReceiver({ answer });
    await watch(receiver, name, receiver.url('/hook'));
  }
  for (const [name, hostile] of Object.entries(hostileHandshakes)) {
    const server = await hostile.start();
    await watch(server, name, handshakeUrl(hostile, server));
  }
  worker = await startMeasuredWorkerProcess(database, testAuthority);
}, 120_000);
afterAll(async () => {
  await worker?.kill();
  await onlooker?.close();
  await database?.drop();
  for (const server of servers) await server.close();
});

it('a thousand calls to all kinds of them leave the memory of the process that makes them as it was', async () => {
  // The first rounds fill pools, caches and the heap's own reserves.
  await callAll();
  await callAll();
  const before = await worker.memory();
  await callAll();
  await callAll();
  const after = await worker.memory();
  expect((after.kept - before.kept) / MIB).toBeLessThan(16);
  expect(after.peak / MIB).toBeLessThan(MOST_MIB);
}, 240_000);

async function watch(server: { close(): Promise<void> }, name: string, url: string): Promise<void> {
  servers.push(server);
  const policy = { timeoutSeconds: 1, retry: { kind: 'waits' as const, seconds: [] } };
  webhookIds.push((await buildWebhook(onlooker, organisation, name, url, policy)).id);
}

/** Has the worker call each of them some times, and waits until all of that has ended. */
async function callAll(): Promise<void> {
  const records = onlooker.context.get(RecordCatalogue);
  const ids = await onlooker.orm.em.fork().transactional(async (em) => {
    const made: number[] = [];
    for (const webhook of await em.find(Webhook, { id: { $in: webhookIds } })) {
      for (let call = 0; call < CALLS; call += 1) {
        made.push(await sendTest(em, onlooker.context.get(Outbox), records, webhook));
      }
    }
    return made;
  });
  expect(ids).toHaveLength(webhookIds.length * CALLS);
  await eventually(async () => {
    const { rows } = await onlooker.pool.query<{ called: number }>(
      'select count(*)::integer as called from attempt where delivery_id = any($1)',
      [ids],
    );
    return rows[0]!.called === ids.length;
  }, 120_000);
}
