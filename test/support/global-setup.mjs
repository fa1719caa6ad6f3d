import { chmod, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { quickFolder } from './quick-folder.mjs';
import { shippedBrowser } from './shipped-browser.mjs';

/**
 * One PostgreSQL for the whole run; each test file clones a database of its own from the migrated one.
 * Jest loads this file outside its transforms, so it takes the built code (`npm test` builds first).
 */
export default async function globalSetup() {
  const { startEmbeddedPostgres } = await fromBuild('database/embedded-postgres/embedded-postgres.js');
  const { migrateUp } = await fromBuild('database/migrations-run.js');
  const dataDir = await mkdtemp(join(await quickFolder(), 'answerback-test-'));
  // Run as root, PostgreSQL is another user, who has to enter the folder.
  await chmod(dataDir, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDir, say: () => undefined, durable: false });
  globalThis.testPostgres = { postgres, dataDir };
  await migrateUp(postgres.ownerUrl);
  await shippedBrowser();
  process.env.TEST_SUPERUSER_URL = postgres.superuserUrl;
  process.env.TEST_OWNER_URL = postgres.ownerUrl;
  process.env.TEST_APP_URL = postgres.appUrl;
}

async function fromBuild(path) {
  try {
    return await import(`../../dist/${path}`);
  } catch (error) {
    throw new Error(`The tests need the built code: run "npm run build" first. (${error.message})`, { cause: error });
  }
}
