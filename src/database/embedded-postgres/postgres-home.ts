import { createHash } from 'node:crypto';
import { access, chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { credentialsFile, saveCredentials, type Credentials } from './postgres-credentials.js';
import { canEnter, type PostgresUser } from './postgres-user.js';
import { hasProcess } from './postmaster.js';
import { errorCode, errorMessage } from '../system-error.js';

/** Where data and binaries go that PostgreSQL's user could not reach otherwise. */
export const SYSTEM_FOLDER = '/var/lib/answerback';

export async function makeDataDir(dataDir: string): Promise<void> {
  // pg_ctl hands the path to a shell, between double quotes.
  if (/["$`\\\n]/.test(dataDir)) {
    throw new Error(`PostgreSQL cannot keep data in ${dataDir}: set DATA_DIR to a path without quotes, $, \` and \\.`);
  }
  try {
    await makeFolder(dataDir);
    await access(dataDir, 7);
  } catch (error) {
    throw new Error(
      `The data cannot be kept in ${dataDir}: ${errorMessage(error)}. ` +
        'Set DATA_DIR to a folder that this user may write, or set DATABASE_URL.',
      { cause: error },
    );
  }
}

/** Not by mkdir's own recursion, which never ends where a file system refuses folders (/proc). */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') {
      return;
    }
    if (code !== 'ENOENT' || (await exists(dirname(folder)))) {
      throw error;
    }
    await makeFolder(dirname(folder));
    await makeFolder(folder);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * The folder that holds the cluster and its log: `dataDir`, or one below `SYSTEM_FOLDER` where PostgreSQL's user cannot
 * enter `dataDir`. The choice is kept in the credentials, so that later starts find the same data whatever changes around it.
 */
export async function settleHome(
  dataDir: string,
  credentials: Credentials,
  user: PostgresUser | undefined,
  say: (line: string) => void,
): Promise<string> {
  const home = credentials.relocatedTo ?? dataDir;
  if (await canEnter(user, home)) {
    if (home !== dataDir) say(`The data of PostgreSQL is kept in ${home} rather than in ${dataDir}.`);
    return home;
  }
  if (credentials.initialised || !user) throw new Error(await unreachable(dataDir, home, user));

  const refuge = join(SYSTEM_FOLDER, refugeName(dataDir));
  await makeRefuge(refuge, dataDir, user);
  credentials.relocatedTo = refuge;
  await saveCredentials(dataDir, credentials);
  say(
    `PostgreSQL cannot run as root and runs as the user ${user.name}, who cannot enter ${dataDir}. ` +
      `Its data is kept in ${refuge} instead.`,
  );
  return refuge;
}

export async function makeSystemFolder(): Promise<void> {
  await mkdir(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
  // The umask may have taken away what mkdir was asked for.
  await chmod(SYSTEM_FOLDER, 0o755);
}

/** Removes what a start that was killed left below `folder`, but not what a start that is still alive works on. */
export async function clearUnfinished(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${prefix}.unfinished-`)) continue;
    const pid = Number(name.split('-').at(-1));
    if (pid === process.pid || !hasProcess(pid)) await remove(join(folder, name));
  }
}

export function unfinishedName(name: string): string {
  return `${name}.unfinished-${process.pid}`;
}

/** An initdb may have outlived its start and write into it yet; what cannot be removed now is left to the next start. */
async function remove(unfinished: string): Promise<void> {
  await rm(unfinished, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }).catch(() => undefined);
}

async function makeRefuge(refuge: string, dataDir: string, user: PostgresUser): Promise<void> {
  try {
    await makeSystemFolder();
    await mkdir(refuge, { recursive: true });
    // Entered, not written: root makes and chowns files here, which a link planted in their place would misdirect.
    await chmod(refuge, 0o711);
  } catch (error) {
    throw new Error(`${cannotEnter(dataDir, user)} Using ${refuge} instead failed: ${errorMessage(error)}.`, {
      cause: error,
    });
  }
  if (!(await canEnter(user, refuge))) throw new Error(cannotEnter(refuge, user));
}

function refugeName(dataDir: string): string {
  const readable = dataDir.replaceAll(/[^A-Za-z0-9.]+/g, '-').replaceAll(/^-|-$/g, '');
  return `${readable.slice(-60)}-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}`;
}

async function unreachable(dataDir: string, home: string, user: PostgresUser | undefined): Promise<string> {
  const isThere = await access(home).then(
    () => true,
    () => false,
  );
  if (isThere) return cannotEnter(home, user);
  return (
    `The database of ${dataDir} was kept in ${home}, which is gone. Put it back from a backup; ` +
    `or, to begin with an empty database, move ${credentialsFile(dataDir)} away.`
  );
}

function cannotEnter(folder: string, user: PostgresUser | undefined): string {
  if (!user) return `This user cannot enter ${folder}. Set DATA_DIR to a folder it can enter, or set DATABASE_URL.`;
  return (
    `PostgreSQL cannot run as root and runs as the user ${user.name} (${user.uid}), who cannot enter ${folder}. ` +
    `Let that user through every folder on the way (chmod o+x), set DATA_DIR to a folder it can enter, or set DATABASE_URL.`
  );
}
