import { randomBytes } from 'node:crypto';
import { chown, link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, errorMessage } from '../system-error.js';

const credentialsSchema = z.object({
  superuserPassword: z.string(),
  ownerPassword: z.string(),
  appPassword: z.string(),
  /** The port last used. */
  port: z.number().int().optional(),
  /** The folder that holds the cluster where it is not the data folder. */
  relocatedTo: z.string().optional(),
  /** Whether a cluster was ever completed. */
  initialised: z.boolean(),
});

export type Credentials = z.infer<typeof credentialsSchema>;

export function credentialsFile(dataDir: string): string {
  return join(dataDir, 'postgresql.json');
}

/** Reads the credentials of `dataDir`, making them the first time. */
export async function loadCredentials(dataDir: string): Promise<Credentials> {
  return (await readCredentials(dataDir)) ?? (await createCredentials(dataDir));
}

/** Replaces the file in one step, so that a crash leaves the old or the new one. */
export async function saveCredentials(dataDir: string, credentials: Credentials): Promise<void> {
  const file = credentialsFile(dataDir);
  const before = await stat(file);
  const draft = await writeDraft(dataDir, credentials);
  // A start as root must not lock out the user whose file it is.
  if (process.getuid?.() === 0) await chown(draft, before.uid, before.gid);
  await rename(draft, file);
}

async function readCredentials(dataDir: string): Promise<Credentials | undefined> {
  const file = credentialsFile(dataDir);
  try {
    return credentialsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return undefined;
    throw new Error(
      code === 'EACCES'
        ? `${file} belongs to another user. Start as the user who started it first, or set DATA_DIR to another folder.`
        : `${file} cannot be read: ${errorMessage(error)}. It holds the passwords of the database: restore it from a backup.`,
      { cause: error },
    );
  }
}

async function createCredentials(dataDir: string): Promise<Credentials> {
  const credentials: Credentials = {
    superuserPassword: password(),
    ownerPassword: password(),
    appPassword: password(),
    initialised: false,
  };
  const draft = await writeDraft(dataDir, credentials);
  try {
    // Unlike a rename, a link fails where another start was faster: its passwords count.
    await link(draft, credentialsFile(dataDir));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
  return (await readCredentials(dataDir)) ?? credentials;
}

async function writeDraft(dataDir: string, credentials: Credentials): Promise<string> {
  const draft = `${credentialsFile(dataDir)}.${process.pid}`;
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
  return draft;
}

function password(): string {
  return randomBytes(24).toString('base64url');
}
