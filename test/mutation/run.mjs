/**
 * `npm run mutation`: mutates every room, or those that are named, on one PostgreSQL for all mutants.
 * Arguments that begin with a dash go to Stryker.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import globalSetup from '../support/global-setup.mjs';
import globalTeardown from '../support/global-teardown.mjs';
import { rooms } from './rooms.mjs';
import { scoreTable } from './scores.mjs';

const SWEEP_MS = 60_000;

const given = process.argv.slice(2);
const named = given.filter((argument) => !argument.startsWith('-'));
const strykerOptions = given.filter((argument) => argument.startsWith('-'));
const unknown = named.find((room) => !(room in rooms));
if (unknown) {
  throw new Error(`There is no room "${unknown}" to mutate. There are: ${Object.keys(rooms).join(', ')}.`);
}

await globalSetup();
const sweep = setInterval(() => void dropLeftBehind().catch(() => undefined), SWEEP_MS);
try {
  for (const room of named.length > 0 ? named : Object.keys(rooms)) {
    process.exitCode = (await mutate(room)) || process.exitCode;
  }
} finally {
  clearInterval(sweep);
  await globalTeardown();
}
process.stdout.write(`\n${scoreTable()}`);

async function mutate(room) {
  const stryker = spawn(process.execPath, [strykerCommand(), 'run', ...strykerOptions], {
    env: { ...process.env, MUTATION_ROOM: room },
    stdio: 'inherit',
  });
  const [code] = await once(stryker, 'exit');
  return code ?? 1;
}

function strykerCommand() {
  const manifest = createRequire(import.meta.url).resolve('@stryker-mutator/core/package.json');
  return join(dirname(manifest), 'bin/stryker.js');
}

/** Drops the databases of test files that were stopped in the middle, as a mutant without end is. */
async function dropLeftBehind() {
  const client = new Client({ connectionString: process.env.TEST_SUPERUSER_URL });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select datname from pg_database
        where datname like 'test\\_%'
          and not exists (select 1 from pg_stat_activity where pg_stat_activity.datname = pg_database.datname)
          and (pg_stat_file('base/' || oid || '/PG_VERSION')).modification < now() - interval '5 minutes'`,
    );
    for (const { datname } of rows) {
      await client.query(`drop database ${datname} with (force)`);
    }
  } finally {
    await client.end();
  }
}
