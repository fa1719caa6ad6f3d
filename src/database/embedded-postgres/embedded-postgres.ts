import { resolve } from 'node:path';
import { binariesFor, installedBinaries } from './postgres-binaries.js';
import { ensureCluster } from './postgres-cluster.js';
import { loadCredentials, saveCredentials, type Credentials } from './postgres-credentials.js';
import { makeDataDir, settleHome } from './postgres-home.js';
import { APP_ROLE, DATABASE, ensureDatabase, ensureRoles, OWNER_ROLE } from './postgres-roles.js';
import { startServer, stopServer, type Server } from './postgres-server.js';
import { choosePostgresUser } from './postgres-user.js';

export interface EmbeddedPostgres {
  /** Owns the database and its tables: for migrations only. */
  ownerUrl: string;
  /** The role the app runs under: neither superuser nor owner. */
  appUrl: string;
  /** For tests, which create databases. */
  superuserUrl: string;
  /** Where the data lives in the end. */
  directory: string;
  /** Fast shutdown; resolves when PostgreSQL is gone. Calling it twice is fine. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  dataDir: string;
  say: (line: string) => void;
  /** false: no fsync, for tests. */
  durable?: boolean;
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
  const server = await startServer(place);
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

function embeddedPostgres(server: Server, credentials: Credentials): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  return {
    ownerUrl: url(server, OWNER_ROLE, credentials.ownerPassword, DATABASE),
    appUrl: url(server, APP_ROLE, credentials.appPassword, DATABASE),
    superuserUrl: superuserUrl(server, credentials),
    directory: server.cluster,
    stop: () => (stopping ??= stopServer(server)),
  };
}

function superuserUrl(server: Server, credentials: Credentials): string {
  return url(server, 'postgres', credentials.superuserPassword, 'postgres');
}

function url(server: Server, role: string, password: string, database: string): string {
  return `postgresql://${role}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${database}`;
}
