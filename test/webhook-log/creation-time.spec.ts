import { createdAtOf, firstNumberAt } from '../../src/webhook-log/creation-time.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';

let database: TestDatabase;
let worker: TestWorker;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await startWorker(database);
});
afterAll(async () => {
  await worker?.close();
  await database?.drop();
});

test.each(['2026-01-01T00:00:00.000Z', '2026-11-22T02:31:05.123Z', '2060-02-29T23:59:59.999Z'])(
  'deliveries made at %s have the numbers that the database gives',
  async (moment) => {
    const { rows } = await worker.pool.query<{ first: number }>('select number_at($1::timestamptz) as first', [moment]);
    expect(firstNumberAt(new Date(moment))).toBe(rows[0]!.first);
    expect(createdAtOf(rows[0]!.first).toISOString()).toBe(moment);
    expect(createdAtOf(rows[0]!.first + 4095).toISOString()).toBe(moment);
  },
);

test('moments that no delivery can have been made at are held to the first or last number', () => {
  expect(firstNumberAt(new Date('1970-01-01'))).toBe(0);
  expect(firstNumberAt(new Date('9999-12-31'))).toBe(2 ** 52);
});
