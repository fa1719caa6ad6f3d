import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.js';

export interface PostgresUser {
  name: string;
  uid: number;
  gid: number;
}

/**
 * PostgreSQL refuses to run as root. As root: the owner of the cluster in `home` if there is one, else postgres, nobody or
 * any other user. As anybody else: undefined, ourselves.
 */
export async function choosePostgresUser(home: string): Promise<PostgresUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = await unprivilegedUsers();
  const user =
    (await clusterOwner(home, users)) ??
    users.find(({ name }) => name === 'postgres') ??
    users.find(({ name }) => name === 'nobody') ??
    users[0];
  if (!user) {
    throw new Error(
      'PostgreSQL refuses to run as root, and /etc/passwd names nobody else to run it as. ' +
        'Add a user named postgres, start as another user, or set DATABASE_URL.',
    );
  }
  await mustBecome(user);
  return user;
}

/** Tried for real, because access lists and mounts decide too; libuv drops the supplementary groups, as PostgreSQL's run will. */
export async function canEnter(user: PostgresUser | undefined, folder: string): Promise<boolean> {
  const { ok } = await runCommand('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { user });
  return ok;
}

async function mustBecome(user: PostgresUser): Promise<void> {
  const { ok, output } = await runCommand('/bin/sh', ['-c', ':'], { user });
  if (ok) return;
  throw new Error(
    `PostgreSQL refuses to run as root, and this root may not run it as the user ${user.name}: ${output}. ` +
      'Start as another user, or set DATABASE_URL.',
  );
}

async function clusterOwner(home: string, users: PostgresUser[]): Promise<PostgresUser | undefined> {
  const cluster = await stat(join(home, 'postgresql')).catch(() => undefined);
  return cluster && users.find(({ uid }) => uid === cluster.uid);
}

async function unprivilegedUsers(): Promise<PostgresUser[]> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return passwd
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ name, uid, gid }) => name !== '' && uid > 0 && gid > 0);
}
