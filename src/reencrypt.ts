import { readEnvironment, type Environment } from './config/environment.js';
import { BadKeyring, Keyring } from './config/keyring.js';
import { DatabasePool } from './database/database-pool.js';
import { reencryptSecrets, type Reencryption } from './database/reencrypt.js';
import { generatedKeysFile } from './ground.js';
import { invitationTokens } from './invitations/invitation-link.js';
import { webhookSecrets } from './webhooks/secret-locations.js';
import { withDatabase } from './with-database.js';

/**
 * `npm run reencrypt`: opens every stored secret and writes those under another key anew under the first one,
 * with the environment that the application runs with; while it runs, too, and safe to repeat. Afterwards
 * the other keys can go.
 */
const MOST_TOLD = 20;

const say = (line: string) => void process.stdout.write(`${line}\n`);
const complain = (line: string) => {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
};

try {
  const environment = readEnvironment();
  const keyring = keyringOf(environment);
  await withDatabase(environment, say, async (url) => tell(keyring, await reencryptAll(url, keyring)));
} catch (error) {
  complain(`Not everything was encrypted anew: ${(error as Error).message}`);
}

function keyringOf(environment: Environment): Keyring {
  try {
    return Keyring.fromSource(environment.encryptionKeys ?? `file:${generatedKeysFile(environment)}`);
  } catch (error) {
    throw error instanceof BadKeyring ? new Error(`the keys cannot be used: ${error.message}.`) : error;
  }
}

async function reencryptAll(url: string, keyring: Keyring): Promise<Reencryption> {
  const database = new DatabasePool(url, { max: 1 });
  const all: Reencryption = { opened: 0, rewritten: 0, unreadable: [] };
  try {
    for (const column of [...webhookSecrets, invitationTokens]) {
      const { opened, rewritten, unreadable } = await reencryptSecrets(database, keyring, column);
      all.opened += opened;
      all.rewritten += rewritten;
      all.unreadable.push(...unreadable);
    }
    return all;
  } finally {
    await database.close();
  }
}

function tell(keyring: Keyring, { opened, rewritten, unreadable }: Reencryption): void {
  say(`Opened ${opened} secrets and encrypted ${rewritten} of them anew under the key "${keyring.active.id}".`);
  if (unreadable.length > 0) {
    complain(`${unreadable.length} secrets could not be opened and stay as they are:`);
    unreadable.slice(0, MOST_TOLD).forEach(complain);
  }
}
