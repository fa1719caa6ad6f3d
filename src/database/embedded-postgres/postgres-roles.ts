import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { Credentials } from './postgres-credentials.js';

export const DATABASE = 'answerback';
/** Owns the database; only migrations run under it. */
export const OWNER_ROLE = 'answerback_owner';
/** Reads and writes rows, and nothing else. */
export const APP_ROLE = 'answerback';

const LOCK = 7_216_325_503;

/** Makes the two roles, or sets them right. */
export async function ensureRoles(superuserUrl: string, credentials: Credentials): Promise<void> {
  await connected(superuserUrl, async (client) => {
    // A statement that fails is logged with its text, and these hold passwords.
    await client.query('SET log_min_error_statement = panic');
    await ensureRole(client, OWNER_ROLE, credentials.ownerPassword);
    await ensureRole(client, APP_ROLE, credentials.appPassword);
  });
}

/** Makes a database that belongs to the owner role and that the app role may use; idempotent. */
export async function ensureDatabase(superuserUrl: string, name: string): Promise<void> {
  await connected(superuserUrl, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(name)} OWNER ${OWNER_ROLE}`);
  });
  const url = new URL(superuserUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  await connected(url.href, async (client) => client.query(privileges(name)));
}

async function ensureRole(client: Client, role: string, password: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${role}`);
  await client.query(
    `ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
     PASSWORD ${escapeLiteral(password)}`,
  );
}

/** Sent as one query, hence one transaction. */
function privileges(name: string): string {
  const inPublic = `ALTER DEFAULT PRIVILEGES FOR ROLE ${OWNER_ROLE} IN SCHEMA public`;
  return `
    REVOKE ALL ON DATABASE ${escapeIdentifier(name)} FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${escapeIdentifier(name)} TO ${APP_ROLE};
    REVOKE CREATE ON SCHEMA public FROM PUBLIC, ${APP_ROLE};
    GRANT USAGE ON SCHEMA public TO ${APP_ROLE};
    ${inPublic} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${APP_ROLE};
    ${inPublic} GRANT USAGE, SELECT ON SEQUENCES TO ${APP_ROLE};
    ${inPublic} GRANT EXECUTE ON FUNCTIONS TO ${APP_ROLE};
  `;
}

/** One start at a time in each database: two that change the same role would fail with "tuple concurrently updated". */
async function connected(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await work(client);
  } finally {
    await client.end();
  }
}
