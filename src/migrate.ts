import { readEnvironment } from './config/environment.js';
import { migrateUp } from './database/migrations-run.js';

/** `npm run migrate`: brings the database of DATABASE_URL up to date; safe to repeat. */
const say = (line: string) => void process.stdout.write(`${line}\n`);

try {
  const { databaseUrl } = readEnvironment();
  if (databaseUrl === undefined) {
    say('Without DATABASE_URL there is nothing to do: each start brings the embedded database up to date.');
  } else {
    const applied = await migrateUp(databaseUrl);
    say(applied.length === 0 ? 'The database is up to date.' : `Applied:\n  ${applied.join('\n  ')}`);
  }
} catch (error) {
  process.stderr.write(`The database was not migrated: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
