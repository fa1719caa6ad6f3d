import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

export interface SignedMessage {
  /** The webhook id: the same over all attempts, without a `.` (it separates the signed parts). */
  readonly id: string;
  /** When this attempt is made, in whole seconds since 1970. */
  readonly timestampSeconds: number;
  readonly body: string | Uint8Array | null;
  /** The newest first. All of them sign, so that a receiver can change over in its own time. */
  readonly keys: readonly KeyObject[];
}

/** The headers of Standard Webhooks 1.0.0 (symmetric, `v1`). */
export function signatureHeaders({ id, timestampSeconds, body, keys }: SignedMessage): [string, string][] {
  if (keys.length === 0) throw new Error('A message without a signing key cannot be signed.');
  const signatures = keys.map((key) => {
    const hmac = createHmac('sha256', key)
      .update(`${id}.${timestampSeconds}.`)
      .update(body ?? '');
    return `v1,${hmac.digest('base64')}`;
  });
  return [
    ['webhook-id', id],
    ['webhook-timestamp', String(timestampSeconds)],
    ['webhook-signature', signatures.join(' ')],
  ];
}

/** A secret of 32 random bytes; the specification allows 24 to 64. */
export function newSigningSecret(): string {
  return `${secretPrefix}${randomBytes(32).toString('base64')}`;
}

const secretPrefix = 'whsec_';

/**
 * A secret (`whsec_…`) made ready to sign: five times as fast as its bytes, which OpenSSL would take in anew each time,
 * and nothing that prints it prints the secret. Throws on a secret that is none: we made it ourselves.
 */
export function signingKey(secret: string): KeyObject {
  const key = Buffer.from(secret.slice(secretPrefix.length), 'base64');
  if (!secret.startsWith(secretPrefix) || key.length < 24 || key.length > 64) {
    throw new Error('A signing secret is "whsec_" and 24 to 64 bytes in base64.');
  }
  return createSecretKey(key);
}
