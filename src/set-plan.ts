import { Client } from 'pg';
import { plans } from './accounts/organisation.entity.js';
import { readEnvironment } from './config/environment.js';
import { withDatabase } from './with-database.js';

/**
 * `npm run plan -- <portal code> <basic|corporate|enterprise>`: sets an organisation's plan, with the
 * environment that the application runs with. While it runs, too: it takes notice at once.
 */
const USAGE = `Usage: npm run plan -- <portal code> <${plans.join('|')}>`;

const say = (line: string) => void process.stdout.write(`${line}\n`);

try {
  const [portalCode, plan, ...rest] = process.argv.slice(2);
  if (!portalCode || !isPlan(plan) || rest.length > 0) {
    throw new Error(USAGE);
  }
  await withDatabase(readEnvironment(), say, (url) => setPlan(url, portalCode, plan));
  say(`The organisation with the portal code ${portalCode} is on the plan ${plan}.`);
} catch (error) {
  process.stderr.write(`The plan was not set. ${(error as Error).message}\n`);
  process.exitCode = 1;
}

function isPlan(text: string | undefined): text is (typeof plans)[number] {
  return plans.some((plan) => plan === text);
}

async function setPlan(connectionString: string, portalCode: string, plan: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; plan: string }>(
      `update organisation set plan = $2
         from (select id, plan as before from organisation where portal_code = $1 for update) as found
        where organisation.id = found.id
        returning found.id, found.before as plan`,
      [portalCode, plan],
    );
    if (!rows[0]) {
      throw new Error(`No organisation has the portal code "${portalCode}". Preferences > General shows it.`);
    }
    await client.query(
      `insert into audit_entry (organisation_id, action, target, details)
       values ($1, 'organisation.plan_set', $2, jsonb_build_object('from', $3::text, 'to', $4::text))`,
      [rows[0].id, portalCode, rows[0].plan, plan],
    );
  } finally {
    await client.end();
  }
}
