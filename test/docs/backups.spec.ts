import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { Client } from 'pg';
import { migrateUp } from '../../src/database/migrations-run.js';
import { linkPath } from '../../src/invitations/invitation-link.js';
import { Keyring } from '../../src/config/keyring.js';
import { startWorker, TEST_KEYS } from '../support/app.js';
import { freePort } from '../support/command.js';
import { runShell } from '../support/documents-run.js';
import { startDrill } from '../support/drill.js';
import { buildInvitation, buildOrganisation } from '../support/factories.js';
import { OperatorPlace } from '../support/operator.js';

/** A server for the drill that pg_dump can read, where the tests' own is newer than the pg_dump that is installed. */
const SERVER = process.env.TEST_BACKUP_SERVER_URL ?? process.env.TEST_SUPERUSER_URL!;

const problem = await whyNotDumped();
if (problem !== null) {
  process.stdout.write(`Not run: the backup of docs/operating.md by pg_dump. ${problem}\n`);
}
const testWithDump = problem === null ? test : test.skip;

testWithDump(
  'a backup of a PostgreSQL of one’s own is restored beside it, and the keys open every secret in it',
  async () => {
    const place = await OperatorPlace.open(SERVER);
    try {
      const link = await installWithOneInvitation(place);

      const dumped = await runShell(place.commands('docs/operating.md#A PostgreSQL of your own/1'));
      expect(dumped).toEqual({ code: 0, output: '' });
      await place.runSql('docs/operating.md#A PostgreSQL of your own/2');
      const drill = await startDrill(place.commands('docs/operating.md#A PostgreSQL of your own/3'), await freePort());
      try {
        expect(drill.output()).toMatch(/Opened 3 secrets and encrypted 0 of them anew/);
        await drill.expectSurvey(link);
      } finally {
        await drill.stop();
      }
    } finally {
      await place.close();
    }
  },
  120_000,
);

/** Null when the pg_dump there is can read the server. */
async function whyNotDumped(): Promise<string | null> {
  const { stdout } = spawnSync('pg_dump', ['--version'], { encoding: 'utf8' });
  if (!stdout) {
    return 'It is not installed.';
  }
  const client = new Client({ connectionString: SERVER });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  const server = rows[0]!.server_version;
  const own = /\d+/.exec(stdout)![0];
  return Number(own) >= Number.parseInt(server, 10)
    ? null
    : `Version ${own} is installed, and the server is PostgreSQL ${server}.`;
}

/** Answers the path of the survey link. */
async function installWithOneInvitation(place: OperatorPlace): Promise<string> {
  await place.runSql('docs/operating.md#Installing on a PostgreSQL of your own/1');
  await place.runSql('docs/operating.md#Installing on a PostgreSQL of your own/2', 'answerback');
  await writeFile(place.keysFile, TEST_KEYS, { mode: 0o600 });
  await migrateUp(place.url('answerback_owner'));
  const appUrl = place.url('answerback');
  const worker = await startWorker({ appUrl, ownerUrl: '', drop: async () => undefined }, { PROCESS: 'web' });
  try {
    const { survey } = await buildOrganisation(worker, null);
    return linkPath(worker.context.get(Keyring), await buildInvitation(worker, survey));
  } finally {
    await worker.close();
  }
}
