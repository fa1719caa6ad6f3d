import { raw, type EntityManager } from '@mikro-orm/postgresql';
import type { Keyring } from '../config/keyring.js';
import { encryptSecret } from '../database/encryption.js';
import { newSigningSecret } from '../outbound/signature.js';
import { Problem } from '../web/problem.js';
import { signingSecretLocation } from './secret-locations.js';
import { SigningSecret, type Webhook } from './webhook.entity.js';

/** How long a replaced secret still signs beside the new one, so that receivers change over in their own time. */
export const OVERLAP_HOURS = 24;
/** Each one adds a signature to every call. */
const MOST_AT_ONCE = 5;

/** The secrets that sign at the moment, the newest first; never what they are. */
export async function currentSecrets(em: EntityManager, { id, organisationId }: Webhook): Promise<SigningSecret[]> {
  return em.find(
    SigningSecret,
    { organisationId, webhookId: id, secretEncrypted: { $ne: null }, $or: [{ expiresAt: null }, stillSigning()] },
    { orderBy: { id: 'desc' } },
  );
}

/**
 * Makes a webhook's next secret and returns it; this is the only moment it can be seen. Those there are
 * sign for another 24 hours. Run it in a transaction.
 * @throws Problem 409 while as many sign as can
 */
export async function rotateSigningSecret(em: EntityManager, keyring: Keyring, webhook: Webhook): Promise<string> {
  // Two rotations at one moment wait for each other here, or both would leave a secret that never ends.
  await em.execute('select 1 from webhook where id = ? for update', [webhook.id]);
  if ((await currentSecrets(em, webhook)).length >= MOST_AT_ONCE) {
    const advice = 'End an older one first, or wait until it ends by itself.';
    throw new Problem(409, 'too_many_secrets', `${MOST_AT_ONCE} secrets sign already. ${advice}`);
  }
  await em.execute(
    `update signing_secret set expires_at = clock_timestamp() + make_interval(hours => ?)
      where webhook_id = ? and organisation_id = ? and expires_at is null`,
    [OVERLAP_HOURS, webhook.id, webhook.organisationId],
  );
  return addSigningSecret(em, keyring, webhook);
}

/**
 * Ends a replaced secret before its time, for when it has leaked. The newest cannot be ended: something
 * has to sign. Answers whether there was such a secret.
 */
export async function endSigningSecret(em: EntityManager, webhook: Webhook, secretId: number): Promise<boolean> {
  const ended = await em.execute<unknown[]>(
    `update signing_secret set expires_at = clock_timestamp()
      where id = ? and webhook_id = ? and organisation_id = ? and expires_at > clock_timestamp() returning id`,
    [secretId, webhook.id, webhook.organisationId],
  );
  return ended.length > 0;
}

/** The row is written first, because its id is part of what the encrypted secret is bound to. */
export async function addSigningSecret(em: EntityManager, keyring: Keyring, webhook: Webhook): Promise<string> {
  const { organisationId } = webhook;
  const row = em.create(SigningSecret, { organisationId, webhookId: webhook.id });
  await em.flush();
  const secret = newSigningSecret();
  row.secretEncrypted = encryptSecret(keyring, secret, signingSecretLocation(organisationId, row.id));
  await em.flush();
  return secret;
}

/** By the clock that decides which of them sign. */
function stillSigning() {
  return { expiresAt: { $gt: raw('clock_timestamp()') } };
}
