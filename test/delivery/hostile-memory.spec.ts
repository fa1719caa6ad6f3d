import { gzipSync } from 'node:zlib';
import { Dispatcher } from '../../src/delivery/dispatch.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { selfSignedCertificate } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { buildWebhook } from '../support/hostile-run.js';
import { answers, startReceiver, type Receiver, type ReceiverOptions } from '../support/receivers.js';
import { startMeasuredWorkerProcess, type MeasuredWorkerProcess } from '../support/spawn-worker.js';

const MIB = 1024 * 1024;
/** Of each delivery. */
const ATTEMPTS = 10;
const { raw } = answers;

/** Receivers that would fill the memory of whoever lets them. They never succeed, so that they are called again. */
const hungry: Record<string, ReceiverOptions> = {
  'an endless body': { answer: answers.endlessBody(500) },
  'a gzip bomb': { answer: answers.with(500, gzipSync(Buffer.alloc(64 * MIB)), { 'content-encoding': 'gzip' }) },
  'a length of 1 TiB': { answer: answers.endlessBody(500, 2 ** 40) },
  'endless headers': { answer: answers.endlessHeaders() },
  'one endless header': { answer: answers.endlessHeaders('a') },
  'endless trailers': { answer: answers.endlessTrailers(500) },
  'a flood of 100': { answer: answers.endlessInterim(100) },
  'a flood of 103': { answer: answers.endlessInterim(103) },
  'two answers': { answer: raw('HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n'.repeat(2), 'hold') },
  'a reset': { answer: answers.reset() },
  garbage: { answer: answers.garbage() },
  'a bad certificate': { tls: selfSignedCertificate },
};

let database: TestDatabase;
let onlooker: TestWorker;
let organisation: TestOrganisation;
let worker: MeasuredWorkerProcess;
const receivers: Receiver[] = [];
let rounds = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
  organisation = await buildOrganisation(onlooker, null);
  for (const [name, options] of Object.entries(hungry)) {
    const receiver = await startReceiver(options);
    receivers.push(receiver);
    await buildWebhook(onlooker, organisation, name, receiver.url('/hook'), {
      retry: { kind: 'waits', seconds: Array.from({ length: ATTEMPTS - 1 }, () => 0) },
    });
  }
  worker = await startMeasuredWorkerProcess(database);
}, 120_000);
afterAll(async () => {
  await worker?.kill();
  await onlooker?.close();
  await database?.drop();
  for (const receiver of receivers) await receiver.close();
});

it('hundreds of calls leave the memory of the process that makes them as it was', async () => {
  // The first round fills pools, caches and the heap's own reserves.
  await callAll();
  const before = await worker.memory();
  await callAll();
  await callAll();
  const after = await worker.memory();
  expect((after.kept - before.kept) / MIB).toBeLessThan(16);
  expect((after.peak - before.peak) / MIB).toBeLessThan(48);
}, 240_000);

/** Has a customer answer for each of the webhooks and waits until all their attempts are used up. */
async function callAll(): Promise<void> {
  rounds += 1;
  for (const name of Object.keys(hungry)) {
    await answer(
      onlooker,
      organisation.survey,
      await buildInvitation(onlooker, organisation.survey, { ticketId: name }),
    );
  }
  await onlooker.context.get(Dispatcher).dispatch();
  await eventually(async () => {
    const { rows } = await onlooker.pool.query<{ status: string; made: number }>(
      `select status, automatic_attempts as made from delivery where status = 'failed' and organisation_id = $1`,
      [organisation.organisation.id],
    );
    return rows.length === rounds * receivers.length && rows.every(({ made }) => made === ATTEMPTS);
  }, 120_000);
}
