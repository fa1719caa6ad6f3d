import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../system-error.js';

/** PostgreSQL's first process, the one to signal. */
export interface Postmaster {
  pid: number;
  port: number;
}

/** The postmaster that runs in `cluster`, ready or not. */
export async function runningPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const lock = await readLock(cluster);
  return lock && (await isItsPostmaster(cluster, lock)) ? { pid: lock.pid, port: lock.port } : undefined;
}

/**
 * PostgreSQL overlooks a lock whose process is gone, but not one whose number something else has now (a container that
 * began again) or that nobody has reaped. The check of its shared memory stands without the file.
 */
export async function removeForeignLock(cluster: string): Promise<void> {
  const lock = await readLock(cluster);
  if (lock && hasProcess(lock.pid) && !(await isItsPostmaster(cluster, lock))) await rm(lockFile(cluster));
}

/** Whether the process is a PostgreSQL that still runs: one that ended but was not reaped does not. */
export async function isRunning(pid: number): Promise<boolean> {
  if (!hasProcess(pid)) return false;
  if (process.platform !== 'linux') return true;
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /^\d+ \(postgres\) [^ZX]/.test(status);
}

interface Lock extends Postmaster {
  directory: string;
}

/** postmaster.pid: process, directory, start time, port, and more. */
async function readLock(cluster: string): Promise<Lock | undefined> {
  const text = await readFile(lockFile(cluster), 'utf8').catch(() => '');
  const [pid, directory = '', , port] = text.split('\n');
  return Number(pid) > 0 ? { pid: Number(pid), directory, port: Number(port) } : undefined;
}

function lockFile(cluster: string): string {
  return join(cluster, 'postmaster.pid');
}

/** The directory is compared too: a copy of a running cluster carries the lock of the original. */
async function isItsPostmaster(cluster: string, lock: Lock): Promise<boolean> {
  const theirs = await realpath(lock.directory).catch(() => '');
  return theirs === (await realpath(cluster)) && (await isRunning(lock.pid));
}

export function hasProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
