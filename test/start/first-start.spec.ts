import { Organisation } from '../../src/accounts/organisation.entity.js';
import { prepareFirstStart } from '../../src/first-start.js';
import { CannotStart } from '../../src/ground.js';
import { createTestDatabase, startWorker, type TestDatabase } from '../support/app.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

test('the first start refuses an ADMIN_PASSWORD that is easy to guess, and makes nothing', async () => {
  for (const [password, reason] of [
    ['Welcome-2026!', 'common ones'],
    ['DemoCorp-2026', 'the organisation’s name'],
    ['admin@democorp', 'made of your e-mail'],
  ] as const) {
    const worker = await startWorker(database, { ADMIN_PASSWORD: password });
    try {
      const refused = await prepareFirstStart(worker.context).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(CannotStart);
      expect((refused as Error).message).toMatch(/^ADMIN_PASSWORD: /);
      expect((refused as Error).message).toContain(reason);
      expect((refused as Error).message).not.toContain(password);
      expect(await worker.orm.em.fork().count(Organisation)).toBe(0);
    } finally {
      await worker.close();
    }
  }
});

test('a password that the first start makes has 128 random bits', async () => {
  const worker = await startWorker(database);
  try {
    const first = await prepareFirstStart(worker.context);
    expect(Buffer.from(first!.password!, 'base64url')).toHaveLength(16);
  } finally {
    await worker.close();
  }
});
