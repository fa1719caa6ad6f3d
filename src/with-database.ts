import type { Environment } from './config/environment.js';
import { startEmbeddedPostgres } from './database/embedded-postgres/embedded-postgres.js';

/** Lets an operator's command work on the database that the application uses, whether or not it runs at the moment. */
export async function withDatabase(
  { databaseUrl, dataDir }: Pick<Environment, 'databaseUrl' | 'dataDir'>,
  say: (line: string) => void,
  work: (url: string) => Promise<void>,
): Promise<void> {
  if (databaseUrl !== undefined) {
    return work(databaseUrl);
  }
  const postgres = await startEmbeddedPostgres({ dataDir, say });
  try {
    await work(postgres.appUrl);
  } finally {
    // One that was running already is the application's, which is using it.
    if (!postgres.adopted) {
      await postgres.stop();
    }
  }
}
