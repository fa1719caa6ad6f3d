import { Keyring } from '../../src/config/keyring.js';
import { encryptSecret } from '../../src/database/encryption.js';
import type { Claim } from '../../src/delivery/claim.js';
import { WebhookSettingsReader, type WebhookSettings } from '../../src/delivery/webhook-settings.js';
import { passwordLocation } from '../../src/webhooks/secret-locations.js';
import { signingKey } from '../../src/outbound/signature.js';
import { rotateSigningSecret } from '../../src/webhooks/signing-secrets.js';
import { Webhook, WebhookAuthorization } from '../../src/webhooks/webhook.entity.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';

let database: TestDatabase;
/** Delivers nothing by itself. */
let onlooker: TestWorker;
let demo: TestOrganisation;
let reader: WebhookSettingsReader;

beforeAll(async () => {
  database = await createTestDatabase();
  onlooker = await startWorker(database, { PROCESS: 'web' });
  reader = onlooker.context.get(WebhookSettingsReader);
});
afterAll(async () => {
  await onlooker?.close();
  await database?.drop();
});
beforeEach(async () => {
  demo = await buildOrganisation(onlooker, 'https://hooks.example.com/first');
});

describe('the settings of a webhook', () => {
  it('are read once for as long as they are current', async () => {
    const before = await version();
    const read = await settings(before);
    expect(read).toMatchObject({ version: before, problem: null, policy: demo.webhook.policy });
    expect(await settings(before)).toBe(read);
  });

  it('serve whoever claimed under their version or an older one, and are read again for a newer one', async () => {
    const before = await version();
    const old = await settings(before);
    await changeUrl('https://hooks.example.com/second');
    const after = await version();
    expect(after).toBeGreaterThan(before);
    // Claimed before the change: what was current then is good enough.
    expect(await settings(before)).toBe(old);
    const fresh = await settings(after);
    expect(fresh).toMatchObject({ version: after, request: { url: 'https://hooks.example.com/second' } });
    expect(await settings(before)).toBe(fresh);
  });

  it('are each webhook’s own, however many are asked for at once', async () => {
    const other = await buildOrganisation(onlooker, 'https://hooks.example.com/other');
    const all = await reader.settingsFor([
      claimOf(demo.webhook.id, 0),
      claimOf(other.webhook.id, 0),
      claimOf(demo.webhook.id, 0),
    ]);
    expect([...all].map(([id, { request }]) => [id, request.url])).toEqual([
      [demo.webhook.id, 'https://hooks.example.com/first'],
      [other.webhook.id, 'https://hooks.example.com/other'],
    ]);
  });

  it('have the secrets that sign now, the newest first', async () => {
    const first = (await settings()).signingKeys;
    expect(first).toHaveLength(1);
    const keyring = onlooker.context.get(Keyring);
    const second = await onlooker.orm.em.fork().transactional((em) => rotateSigningSecret(em, keyring, demo.webhook));
    const keys = (await settings()).signingKeys;
    expect(keys.map((key) => key.export())).toEqual([signingKey(second), ...first].map((key) => key.export()));
  });
});

describe('the credentials of a webhook', () => {
  it.each<[string, string, string | null, string | null]>([
    ['username and password', 'jürgen', 'pässwort', 'jürgen:pässwort'],
    ['a username alone', 'jürgen', null, 'jürgen:'],
    ['a password alone', '', 'pässwort', ':pässwort'],
    ['neither', '', null, null],
  ])('of %s', async (_what, username, password, plain) => {
    await giveCredentials(username, password);
    const expected = plain === null ? null : `Basic ${Buffer.from(plain, 'utf8').toString('base64')}`;
    expect(await settings()).toMatchObject({ authorization: expected, problem: null });
  });

  it('that were never entered are none', async () => {
    expect((await settings()).authorization).toBeNull();
  });

  it('that cannot be read stop its calls, and nothing else is known of it then', async () => {
    await giveCredentials('jürgen', 'pässwort');
    await onlooker.pool.query(`update webhook_authorization set password_encrypted = 'v1.broken'`);
    expect(await settings()).toMatchObject({
      authorization: null,
      signingKeys: [],
      problem: expect.stringMatching(/^The secret in webhook_authorization\.password_encrypted of row /),
    });
  });
});

async function version(): Promise<number> {
  const { rows } = await onlooker.pool.query<{ version: number }>('select version from webhook where id = $1', [
    demo.webhook.id,
  ]);
  return rows[0]!.version;
}

async function settings(claimedVersion?: number): Promise<WebhookSettings> {
  const claim = claimOf(demo.webhook.id, claimedVersion ?? (await version()));
  return (await reader.settingsFor([claim])).get(demo.webhook.id)!;
}

function claimOf(webhookId: number, webhookVersion: number): Claim {
  return {
    claimId: '00000000-0000-4000-8000-000000000000',
    deliveryId: 1,
    kind: 'automatic',
    organisationId: demo.organisation.id,
    webhookId,
    webhookVersion,
    number: 1,
    spent: 0,
    leasedAt: performance.now(),
    leaseEndsAt: Infinity,
  };
}

async function changeUrl(url: string): Promise<void> {
  await onlooker.orm.em.fork().transactional(async (em) => {
    const webhook = await em.findOneOrFail(Webhook, demo.webhook.id);
    webhook.request = { ...webhook.request, url };
  });
}

async function giveCredentials(username: string, password: string | null): Promise<void> {
  const organisationId = demo.organisation.id;
  await onlooker.orm.em.fork().transactional(async (em) => {
    const authorization = em.create(WebhookAuthorization, { organisationId, name: 'test', kind: 'basic', username });
    await em.flush();
    if (password !== null) {
      const location = passwordLocation(organisationId, authorization.id);
      authorization.passwordEncrypted = encryptSecret(onlooker.context.get(Keyring), password, location);
    }
    const webhook = await em.findOneOrFail(Webhook, demo.webhook.id);
    webhook.authorizationId = authorization.id;
  });
}
