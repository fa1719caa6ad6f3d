import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { clusterIn, type PostgresPlace } from './postgres-cluster.js';
import { endOfLog, loggedSince, logIn, prepareLog } from './postgres-log.js';
import { isRunning, removeForeignLock, runningPostmaster, type Postmaster } from './postmaster.js';
import { runCommand, type Finished } from './run-command.js';
import { errorCode } from '../system-error.js';

const LOCK_PATIENCE = 30_000;
/** Replaying what a crash left behind takes as long as it takes; giving up early would only hide it. */
const RECOVERY_PATIENCE = 300_000;
const RETRY_PAUSE = 250;
const STOP_SECONDS = 10;
/** Of a lock or a port that somebody still holds, or of a recovery: these pass, unlike a mistake in the configuration. */
const PASSING = /lock file|shared memory|could not bind|in use|in time|starting up|another server/i;

export interface Server extends Postmaster {
  place: PostgresPlace;
  cluster: string;
  /** It ran already. */
  adopted: boolean;
}

/** Starts PostgreSQL, or adopts the one that runs: its app was killed, or another app uses the same data. */
export async function startServer(place: PostgresPlace, signal?: AbortSignal): Promise<Server> {
  const cluster = clusterIn(place.home);
  const began = Date.now();
  let launched = false;
  for (;;) {
    signal?.throwIfAborted();
    const running = await runningPostmaster(cluster);
    const answer = running ? await ask(running, place) : 'silent';
    if (running && answer === 'refused') throw new Error(await wrongPassword(running, place, launched));
    if (running && answer === 'ready') {
      if (!launched) place.say(`PostgreSQL already runs in ${cluster} (process ${running.pid}) and is used as it is.`);
      return { ...running, place, cluster, adopted: !launched };
    }
    if (!running && (await launch(place))) launched = true;
    else await waitFurther(began, answer, place);
  }
}

/** Ends running statements and closes; after a while without that. Resolves when the process is gone. */
export async function stopServer({ pid, place, cluster }: Pick<Server, 'pid' | 'place' | 'cluster'>): Promise<void> {
  for (const mode of ['fast', 'immediate']) {
    if (!(await isRunning(pid))) return;
    await pgCtl(place, ['stop', `--mode=${mode}`, '--wait', `--timeout=${STOP_SECONDS}`]);
    // pg_ctl is content when the lock file has gone, which is a moment before the process has.
    if (await hasGone(pid, 2_000)) return;
  }
  throw new Error(`PostgreSQL in ${cluster} (process ${pid}) does not stop. Stop it with: kill -QUIT ${pid}`);
}

type Answer = 'ready' | 'starting' | 'refused' | 'silent';

async function ask({ port }: Postmaster, { credentials }: PostgresPlace): Promise<Answer> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    database: 'postgres',
    password: credentials.superuserPassword,
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return 'ready';
  } catch (error) {
    const code = errorCode(error);
    if (code === '28P01') return 'refused';
    return code === '57P03' ? 'starting' : 'silent';
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Whether it started. What cannot pass by waiting is an error at once. */
async function launch(place: PostgresPlace): Promise<boolean> {
  await removeForeignLock(clusterIn(place.home));
  const size = await prepareLog(place);
  const { ok, output } = await pgCtl(place, [
    'start',
    '--wait',
    `--timeout=${RECOVERY_PATIENCE / 1000}`,
    `--log=${logIn(place.home)}`,
    `--options=${settings(await freePort(place.credentials.port), place.durable)}`,
  ]);
  if (ok || PASSING.test(output + (await loggedSince(place.home, size)))) return ok;
  throw new Error(await whyNot(place, output));
}

async function waitFurther(began: number, answer: Answer, place: PostgresPlace): Promise<void> {
  const patience = answer === 'starting' ? RECOVERY_PATIENCE : LOCK_PATIENCE;
  if (Date.now() - began > patience) throw new Error(await whyNot(place));
  await delay(RETRY_PAUSE);
}

function settings(port: number, durable: boolean): string {
  return [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    // A failing statement would stand in the log with the values in it, which are customers' words.
    'log_min_error_statement=panic',
    ...(durable ? [] : ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off']),
  ]
    .map((setting) => `-c ${setting}`)
    .join(' ');
}

async function pgCtl({ binaries, user, home }: PostgresPlace, args: string[]): Promise<Finished> {
  const command = join(binaries.directory, 'bin', 'pg_ctl');
  return runCommand(command, [...args, '--silent', `--pgdata=${clusterIn(home)}`], { user, detached: true });
}

/** The one used last time where it is free, so that a psql or a dashboard finds it again. */
async function freePort(preferred: number | undefined): Promise<number> {
  return (preferred && (await listens(preferred))) || (await listens(0));
}

async function listens(port: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(0));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

async function wrongPassword(running: Postmaster, place: PostgresPlace, launched: boolean): Promise<string> {
  const cluster = clusterIn(place.home);
  if (launched) await stopServer({ pid: running.pid, place, cluster });
  return (
    `The PostgreSQL in ${cluster} does not accept the password in postgresql.json. ` +
    `Restore that file from a backup; or, to begin with an empty database, move ${cluster} and the file away.`
  );
}

async function whyNot({ home }: PostgresPlace, output = ''): Promise<string> {
  return (
    `PostgreSQL did not start in ${clusterIn(home)}. ${output}\nIts log, ${logIn(home)}, ends with:\n${await endOfLog(home)}\n` +
    'Where it says that another server or a shared memory block is in use, end the postgres processes of that folder and ' +
    'start again; otherwise repair what it names, or set DATABASE_URL to a PostgreSQL of your own.'
  );
}

async function hasGone(pid: number, patience: number): Promise<boolean> {
  const began = Date.now();
  while (await isRunning(pid)) {
    if (Date.now() - began > patience) return false;
    await delay(10);
  }
  return true;
}
