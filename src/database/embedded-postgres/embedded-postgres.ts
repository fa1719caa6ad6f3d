import { resolve } from 'node:path';
import { binariesFor, installedBinaries } from './postgres-binaries.js';
import { clusterIn, ensureCluster, type PostgresPlace } from './postgres-cluster.js';
import { loadCredentials, saveCredentials, type Credentials } from './postgres-credentials.js';
import { makeDataDir, settleHome } from './postgres-home.js';
import { APP_ROLE, DATABASE, ensureDatabase, ensureRoles, OWNER_ROLE } from './postgres-roles.js';
import { startServer, stopServer, type Server } from './postgres-server.js';
import { choosePostgresUser } from './postgres-user.js';
import { runningPostmaster } from './postmaster.js';

export interface EmbeddedPostgres {
  /** Owns the database and its tables: for migrations only. */
  ownerUrl: string;
  /** The role the app runs under: neither superuser nor owner. */
  appUrl: string;
  /** For tests, which create databases. */
  superuserUrl: string;
  /** Where the data lives in the end. */
  directory: string;
  /** It was running already: another process started it, and may be using it. */
  adopted: boolean;
  /** Fast shutdown; resolves when PostgreSQL is gone. Calling it twice is fine. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  dataDir: string;
  say: (line: string) => void;
  /** false: no fsync, for tests. */
  durable?: boolean;
  /** Ends a start that is under way: whatever was launched is stopped, and the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Starts the PostgreSQL of `dataDir`, making it first where there is none, or adopts the one that already runs there.
 * Rejects with an Error whose message is for the operator.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const installed = await installedBinaries();
  await makeDataDir(dataDir);
  const credentials = await loadCredentials(dataDir);
  const user = await choosePostgresUser(credentials.relocatedTo ?? dataDir);
  const home = await settleHome(dataDir, credentials, user, options.say);
  const binaries = await binariesFor(user, installed, options.say);
  const place = { binaries, user, home, credentials, durable: options.durable ?? true, say: options.say };

  await ensureCluster(dataDir, place);
  const server = await startOrAbort(place, options.signal);
  try {
    await saveCredentials(dataDir, { ...credentials, port: server.port });
    await ensureRoles(superuserUrl(server, credentials), credentials);
    await ensureDatabase(superuserUrl(server, credentials), DATABASE);
  } catch (error) {
    if (!server.adopted) await stopServer(server);
    throw error;
  }
  return embeddedPostgres(server, credentials);
}

/** A recovery may take minutes, which nobody has to wait for who wants to stop. */
async function startOrAbort(place: PostgresPlace, signal?: AbortSignal): Promise<Server> {
  if (!signal) {
    return startServer(place);
  }
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  const starting = startServer(place, signal);
  try {
    return await Promise.race([starting, aborted]);
  } catch (error) {
    if (signal.aborted) {
      starting.catch(() => undefined);
      await stopWhatRuns(place);
    }
    throw error;
  }
}

async function stopWhatRuns(place: PostgresPlace): Promise<void> {
  const cluster = clusterIn(place.home);
  const running = await runningPostmaster(cluster);
  if (running) {
    await stopServer({ ...running, place, cluster });
  }
}

function embeddedPostgres(server: Server, credentials: Credentials): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  return {
    ownerUrl: url(server, OWNER_ROLE, credentials.ownerPassword, DATABASE),
    appUrl: url(server, APP_ROLE, credentials.appPassword, DATABASE),
    superuserUrl: superuserUrl(server, credentials),
    directory: server.cluster,
    adopted: server.adopted,
    stop: () => (stopping ??= stopServer(server)),
  };
}

function superuserUrl(server: Server, credentials: Credentials): string {
  return url(server, 'postgres', credentials.superuserPassword, 'postgres');
}

function url(server: Server, role: string, password: string, database: string): string {
  return `postgresql://${role}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${database}`;
}
