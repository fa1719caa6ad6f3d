import { Keyring } from '../../src/config/keyring.js';
import { decryptSecret } from '../../src/database/encryption.js';
import { passwordLocation, signingSecretLocation } from '../../src/webhooks/secret-locations.js';
import { currentSecrets, endSigningSecret, rotateSigningSecret } from '../../src/webhooks/signing-secrets.js';
import { surveyWebhook } from '../../src/webhooks/survey-webhook.js';
import { SigningSecret, type Webhook } from '../../src/webhooks/webhook.entity.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { waitingForALock } from '../support/locks.js';

let database: TestDatabase;
let worker: TestWorker;
let demo: TestOrganisation;
let keyring: Keyring;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await startWorker(database, { PROCESS: 'web' });
  keyring = worker.context.get(Keyring);
});
afterAll(async () => {
  await worker?.close();
  await database?.drop();
});
beforeEach(async () => {
  demo = await buildOrganisation(worker, null);
});

const rotate = (webhook: Webhook = demo.webhook) =>
  worker.orm.em.fork().transactional((em) => rotateSigningSecret(em, keyring, webhook));

const current = (webhook: Webhook = demo.webhook) => currentSecrets(worker.orm.em.fork(), webhook);

describe('the survey webhook', () => {
  it.each(['transactional', 'relationship'] as const)(
    'of the %s listening post is there from the first day, off, with preset values',
    async (listeningPost) => {
      const webhook = await surveyWebhook(worker.orm.em.fork(), demo.organisation.id, listeningPost);
      expect(webhook).toMatchObject({
        name: `${listeningPost === 'transactional' ? 'Transactional' : 'Relationship'} survey webhook`,
        preset: `${listeningPost}_survey`,
        enabled: false,
        trigger: {
          recordType: 'response',
          on: ['completed'],
          conditions: [{ field: 'listeningPost', operator: 'equals', value: listeningPost }],
        },
        request: { method: 'POST', url: null, body: { kind: 'serialisation', name: 'survey_payload' } },
        policy: { success: 'exactly_200', timeoutSeconds: 15, retry: { kind: 'survey_waits' } },
        maximumConcurrency: 16,
        deletedAt: null,
      });
      expect(await current(webhook)).toHaveLength(1);
    },
  );

  it('is not found once it was deleted', async () => {
    await worker.pool.query('update webhook set deleted_at = now() where id = $1', [demo.webhook.id]);
    await expect(surveyWebhook(worker.orm.em.fork(), demo.organisation.id, 'transactional')).rejects.toThrow();
  });
});

describe('a signing secret', () => {
  it('is kept encrypted for its own place, and told once', async () => {
    const secret = await rotate();
    const [newest] = await current();
    const { id, organisationId, secretEncrypted } = newest!;
    expect(secretEncrypted).not.toContain(secret.slice('whsec_'.length));
    expect(signingSecretLocation(organisationId, id)).toEqual({
      organisationId: demo.organisation.id,
      table: 'signing_secret',
      row: String(id),
      field: 'secret_encrypted',
    });
    expect(decryptSecret(keyring, secretEncrypted!, signingSecretLocation(organisationId, id))).toBe(secret);
  });

  it('replaced by another signs beside it for a day, the newest first', async () => {
    const [first] = await current();
    expect(first!.expiresAt).toBeNull();
    await rotate();
    const [second, replaced, ...others] = await current();
    expect(others).toEqual([]);
    expect(second!.expiresAt).toBeNull();
    expect(replaced!.id).toBe(first!.id);
    const inHours = (replaced!.expiresAt!.getTime() - Date.now()) / 3_600_000;
    expect(inHours).toBeGreaterThan(23.9);
    expect(inHours).toBeLessThan(24.1);

    // A second rotation leaves the end of the first as it was.
    await rotate();
    const again = (await current()).find(({ id }) => id === first!.id);
    expect(again!.expiresAt).toEqual(replaced!.expiresAt);
  });

  it('signs no more after its end', async () => {
    await rotate();
    await worker.pool.query('update signing_secret set expires_at = clock_timestamp() where expires_at is not null');
    expect(await current()).toHaveLength(1);
  });

  it('signs no more when it is gone', async () => {
    await worker.pool.query('update signing_secret set secret_encrypted = null where webhook_id = $1', [
      demo.webhook.id,
    ]);
    expect(await current()).toEqual([]);
  });

  it('is one of five at the most, so that a sixth has to wait', async () => {
    for (let count = 2; count <= 5; count += 1) {
      await rotate();
      expect(await current()).toHaveLength(count);
    }
    await expect(rotate()).rejects.toMatchObject({
      status: 409,
      code: 'too_many_secrets',
      message: '5 secrets sign already. End an older one first, or wait until it ends by itself.',
    });
    expect(await current()).toHaveLength(5);
  });

  it('is rotated for its own webhook only', async () => {
    const other = await surveyWebhook(worker.orm.em.fork(), demo.organisation.id, 'relationship');
    await rotate();
    expect((await current(other)).map(({ expiresAt }) => expiresAt)).toEqual([null]);
  });

  it('can be ended before its time once another has replaced it', async () => {
    const end = (id: number, webhook = demo.webhook) => endSigningSecret(worker.orm.em.fork(), webhook, id);
    const [first] = await current();
    expect(await end(first!.id)).toBe(false);
    await rotate();
    const other = await buildOrganisation(worker, null);
    expect(await end(first!.id, other.webhook)).toBe(false);
    expect(await current()).toHaveLength(2);
    expect(await end(first!.id)).toBe(true);
    expect((await current()).map(({ id }) => id)).not.toContain(first!.id);
    expect(await end(first!.id)).toBe(false);
  });

  it('leaves one that never ends when two are made at the same moment', async () => {
    const first = worker.orm.em.fork();
    await first.begin();
    await rotateSigningSecret(first, keyring, demo.webhook);
    const second = rotate();
    await waitingForALock(worker);
    await first.commit();
    await second;
    const secrets = await worker.orm.em.fork().find(SigningSecret, { webhookId: demo.webhook.id });
    expect(secrets).toHaveLength(3);
    expect(secrets.filter(({ expiresAt }) => expiresAt === null)).toHaveLength(1);
  });
});

test('a password is kept for its own authorization', () => {
  expect(passwordLocation(7, 12)).toEqual({
    organisationId: 7,
    table: 'webhook_authorization',
    row: '12',
    field: 'password_encrypted',
  });
});
