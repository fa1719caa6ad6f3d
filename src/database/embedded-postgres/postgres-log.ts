import { constants, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresPlace } from './postgres-cluster.js';

const SIZE_LIMIT = 10_000_000;

export function logIn(home: string): string {
  return join(home, 'postgresql.log');
}

/**
 * Makes the log, because as root PostgreSQL's user may write the file but not the folder; begins a new one where it has
 * grown long. Returns its size.
 */
export async function prepareLog({ home, user }: PostgresPlace): Promise<number> {
  const log = logIn(home);
  if ((await sizeOf(log)) > SIZE_LIMIT) await rename(log, `${log}.1`);
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
  const file = await open(log, O_APPEND | O_CREAT | O_NOFOLLOW | O_WRONLY, 0o600);
  if (user) await file.chown(user.uid, user.gid);
  await file.close();
  return sizeOf(log);
}

/** What was written after the first `size` bytes. */
export async function loggedSince(home: string, size: number): Promise<string> {
  return (await readLog(home)).subarray(size).toString();
}

export async function endOfLog(home: string): Promise<string> {
  return (await readLog(home)).toString().trimEnd().split('\n').slice(-15).join('\n');
}

async function readLog(home: string): Promise<Buffer> {
  return readFile(logIn(home)).catch(() => Buffer.alloc(0));
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
