import { randomBytes } from 'node:crypto';
import { Keyring } from '../../src/config/keyring.js';
import { encryptSecret } from '../../src/database/encryption.js';
import { reencryptSecrets, type Reencryption, type SecretColumn } from '../../src/database/reencrypt.js';
import { invitationTokens, linkPath } from '../../src/invitations/invitation-link.js';
import { Invitation } from '../../src/invitations/invitation.entity.js';
import { passwordLocation, signingSecretLocation, webhookSecrets } from '../../src/webhooks/secret-locations.js';
import { SigningSecret, WebhookAuthorization } from '../../src/webhooks/webhook.entity.js';
import { createTestDatabase, startWorker, TEST_KEYS, type TestDatabase, type TestWorker } from '../support/app.js';
import { attempted, newDelivery } from '../support/deliveries.js';
import { buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { openTransaction, waitingForALock } from '../support/locks.js';
import { startReceiver, type Receiver } from '../support/receivers.js';

const NEW_KEY = `k2:${randomBytes(32).toString('base64')}`;
const rotated = Keyring.parse(`${NEW_KEY},${TEST_KEYS}`);
const everywhere = [...webhookSecrets, invitationTokens];

let database: TestDatabase;
let old: TestWorker;
let receiver: Receiver;

beforeEach(async () => {
  database = await createTestDatabase();
  old = await startWorker(database, { PROCESS: 'web' });
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver?.close();
  await old?.close();
  await database?.drop();
});

test('after it, the old key can go: calls are signed and authorized, and links stay the same', async () => {
  const built = await organisationWithPassword('opensesame');
  const invitation = await buildInvitation(old, built.survey);
  const link = linkPath(old.context.get(Keyring), invitation);

  const results = await reencryptAll(rotated);
  // The password, the signing secrets of the two survey webhooks, the token.
  expect(results.map(({ opened, rewritten }) => [opened, rewritten])).toEqual([
    [1, 1],
    [2, 2],
    [1, 1],
  ]);
  expect(await keyIdsInUse()).toEqual(['k2']);

  const renewed = await startWorker(database, { ENCRYPTION_KEYS: NEW_KEY });
  try {
    await attempted(renewed, await newDelivery(renewed, built), 1);
    const [{ headers }] = (await receiver.received(1)) as [Receiver['requests'][number]];
    expect(headers.authorization).toBe(`Basic ${Buffer.from('answerback:opensesame').toString('base64')}`);
    expect(headers['webhook-signature']).toMatch(/^v1,/);
    const stored = await renewed.orm.em.fork().findOneOrFail(Invitation, invitation.id);
    expect(linkPath(renewed.context.get(Keyring), stored)).toBe(link);
  } finally {
    await renewed.close();
  }
});

test('done again, it opens everything and writes nothing', async () => {
  await organisationWithPassword('opensesame');
  await reencryptAll(rotated);
  const before = await envelopes();

  const again = await reencryptAll(rotated);

  expect(again.map((result) => result.rewritten)).toEqual([0, 0, 0]);
  expect(again.map((result) => result.opened)).toEqual([1, 2, 0]);
  expect(await envelopes()).toEqual(before);
});

test('it goes through as many rows as there are, whatever their number', async () => {
  const { survey } = await buildOrganisation(old, receiver.url());
  const first = await buildInvitation(old, survey);
  // Under one token there is one hash; a row's name may be any text, here a number.
  await old.pool.query(
    `insert into invitation (organisation_id, survey_id, ticket_id, token_hash, token_encrypted, support_group_code, language)
     select organisation_id, survey_id, 'T' || n, convert_to(n::text, 'UTF8'), 'to be made', '', 'en'
       from invitation, generate_series(1, 450) as n where id = $1`,
    [first.id],
  );
  const { rows } = await old.pool.query<{ id: number; row: string }>(
    `select id, encode(token_hash, 'hex') as row from invitation where token_encrypted = 'to be made'`,
  );
  const made = rows.map(({ row }) =>
    encryptSecret(old.context.get(Keyring), row, {
      organisationId: first.organisationId,
      table: 'invitation',
      row,
      field: 'token_encrypted',
    }),
  );
  await old.pool.query(
    `update invitation set token_encrypted = made.envelope
       from unnest($1::bigint[], $2::text[]) as made(id, envelope) where made.id = invitation.id`,
    [rows.map(({ id }) => id), made],
  );

  expect(await reencryptSecrets(old.pool, rotated, invitationTokens)).toEqual({
    opened: 451,
    rewritten: 451,
    unreadable: [],
  });
});

test('what cannot be opened is told, stays as it is, and stops nothing', async () => {
  const built = await organisationWithPassword('opensesame');
  const { rows } = await old.pool.query<{ id: number }>('select id from signing_secret order by id');
  const lost = encryptSecret(
    Keyring.parse(`k0:${randomBytes(32).toString('base64')}`),
    'whsec_lost',
    signingSecretLocation(built.organisation.id, rows[0]!.id),
  );
  await old.pool.query('update signing_secret set secret_encrypted = $2 where id = $1', [rows[0]!.id, lost]);

  const [passwords, secrets] = await reencryptAll(rotated);

  expect(passwords).toMatchObject({ rewritten: 1, unreadable: [] });
  expect(secrets).toMatchObject({ opened: 1, rewritten: 1 });
  expect(secrets!.unreadable).toEqual([expect.stringMatching(/signing_secret.*"k0": put that key back/)]);
  expect(await envelopes()).toContain(lost);
});

test('a password that is changed meanwhile stays the changed one, and nobody waits in a circle', async () => {
  const built = await organisationWithPassword('the former');
  const em = old.orm.em.fork();
  const { id } = await em.findOneOrFail(WebhookAuthorization, { organisationId: built.organisation.id });
  const changed = encryptSecret(rotated, 'the changed', passwordLocation(built.organisation.id, id));

  // As Preferences do it: the webhook first, then its authorization, which changes the webhook by trigger.
  const preferences = await openTransaction(old);
  await preferences.query('select 1 from webhook where id = $1 for update', [built.webhook.id]);
  const reencryption = reencryptSecrets(old.pool, rotated, webhookSecrets[0]!);
  await waitingForALock(old);
  await preferences.query('update webhook_authorization set password_encrypted = $2 where id = $1', [id, changed]);
  await preferences.commit();

  expect(await reencryption).toEqual({ opened: 1, rewritten: 0, unreadable: [] });
  expect(await envelopes()).toContain(changed);
});

test('a secret that is rotated meanwhile makes nobody wait in a circle', async () => {
  const { webhook } = await buildOrganisation(old, receiver.url());
  const em = old.orm.em.fork();
  const { id } = await em.findOneOrFail(SigningSecret, { webhookId: webhook.id });

  const rotation = await openTransaction(old);
  await rotation.query('select 1 from webhook where id = $1 for update', [webhook.id]);
  const reencryption = reencryptSecrets(old.pool, rotated, webhookSecrets[1]!);
  await waitingForALock(old);
  await rotation.query('update signing_secret set expires_at = clock_timestamp() where id = $1', [id]);
  await rotation.commit();

  expect(await reencryption).toEqual({ opened: 2, rewritten: 2, unreadable: [] });
});

test('every column of encrypted secrets in the schema is encrypted anew', async () => {
  const { rows } = await old.pool.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
      where table_schema = 'public' and column_name like '%encrypted' order by 1`,
  );
  expect(everywhere.map(({ table, column }) => `${table}.${column}`).toSorted()).toEqual(rows.map(({ name }) => name));
});

async function reencryptAll(keyring: Keyring): Promise<Reencryption[]> {
  const results: Reencryption[] = [];
  for (const column of everywhere) {
    results.push(await reencryptSecrets(old.pool, keyring, column));
  }
  return results;
}

async function organisationWithPassword(password: string): Promise<TestOrganisation> {
  const built = await buildOrganisation(old, receiver.url('/hook'));
  const organisationId = built.organisation.id;
  const em = old.orm.em.fork();
  const authorization = em.create(WebhookAuthorization, {
    organisationId,
    name: 'test',
    kind: 'basic',
    username: 'answerback',
  });
  await em.flush();
  const location = passwordLocation(organisationId, authorization.id);
  authorization.passwordEncrypted = encryptSecret(old.context.get(Keyring), password, location);
  await em.flush();
  await old.pool.query('update webhook set authorization_id = $2 where id = $1', [built.webhook.id, authorization.id]);
  return built;
}

async function envelopes(): Promise<string[]> {
  const all = await Promise.all(everywhere.map(envelopesIn));
  return all.flat();
}

async function envelopesIn({ table, column }: SecretColumn): Promise<string[]> {
  const { rows } = await old.pool.query<{ envelope: string }>(
    `select ${column} as envelope from ${table} where ${column} is not null order by id`,
  );
  return rows.map((row) => row.envelope);
}

async function keyIdsInUse(): Promise<string[]> {
  return [...new Set((await envelopes()).map((envelope) => envelope.split('.')[1]!))];
}
