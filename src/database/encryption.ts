import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { EncryptionKey, Keyring } from '../config/keyring.js';

/** The column a secret is stored in. `row` is the row's id as text, known before the secret is encrypted. */
export interface SecretLocation {
  organisationId: number;
  table: string;
  row: string;
  field: string;
}

/**
 * Encrypts under the keyring's active key, into `v1.<keyId>.<iv>.<ciphertext>.<tag>` (base64url).
 *
 * The envelope opens in its own location only: whoever can write to the database cannot show one customer's secret to
 * another by copying it. IVs are random, which SP 800-38D allows for 2^32 secrets per key: rotate long before that.
 */
export function encryptSecret(keyring: Keyring, plaintext: string, location: SecretLocation): string {
  if (!plaintext.isWellFormed()) {
    throw new TypeError(
      `The text for ${named(location)} contains half a character (a lone surrogate), which UTF-8 cannot keep: ` +
        'refuse it where it is typed.',
    );
  }
  const key = keyring.active;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.secret, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(key, location));
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return [VERSION, key.id, ...[iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join(
    '.',
  );
}

/** @throws SecretUnreadable */
export function decryptSecret(keyring: Keyring, envelope: string, location: SecretLocation): string {
  const parts = openEnvelope(envelope);
  if (!parts) throw new SecretUnreadable('malformed', location, 'is no envelope of this version: enter it again');

  const key = keyring.find(parts.keyId);
  if (!key) {
    const advice = `is encrypted under the key "${parts.keyId}": put that key back into ENCRYPTION_KEYS, or enter it again`;
    throw new SecretUnreadable('unknown key', location, advice);
  }
  const decipher = createDecipheriv(ALGORITHM, key.secret, parts.iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(key, location));
  decipher.setAuthTag(parts.tag);
  // update() gives out text that nothing vouches for yet: it may leave only when final() has checked the tag.
  const unchecked = decipher.update(parts.ciphertext);
  try {
    return Buffer.concat([unchecked, decipher.final()]).toString('utf8');
  } catch {
    const advice = 'was changed, or comes from another row, or the key of that id is another one: enter it again';
    throw new SecretUnreadable('tampered or moved', location, advice);
  }
}

/** True when the envelope is not under the active key; also when it is malformed, which decrypting it then says. */
export function needsReencryption(keyring: Keyring, envelope: string): boolean {
  return openEnvelope(envelope)?.keyId !== keyring.active.id;
}

export type UnreadableReason = 'unknown key' | 'tampered or moved' | 'malformed';

/** An expected failure of our own stock: the delivery that needed the secret fails with it, the worker goes on. */
export class SecretUnreadable extends Error {
  override readonly name = 'SecretUnreadable';

  constructor(
    readonly reason: UnreadableReason,
    location: SecretLocation,
    advice: string,
  ) {
    super(`The secret in ${named(location)} ${advice}.`);
  }
}

const VERSION = 'v1';
const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
// Said to Node every time: without it, Node accepts a tag cut down to four bytes.
const TAG_BYTES = 16;

interface Envelope {
  keyId: string;
  iv: Buffer;
  ciphertext: Buffer;
  tag: Buffer;
}

function openEnvelope(envelope: string): Envelope | undefined {
  const [version, keyId, ...encoded] = envelope.split('.');
  const [iv, ciphertext, tag, ...rest] = encoded.map(decodeStrictly);
  if (version !== VERSION || !keyId || !/^[\w-]{1,64}$/.test(keyId) || rest.length > 0) return undefined;
  if (iv?.length !== IV_BYTES || !ciphertext || tag?.length !== TAG_BYTES) return undefined;
  return { keyId, iv, ciphertext, tag };
}

/** Node skips what is not base64url and ignores spare bits, so that several texts would decode to one tag. */
function decodeStrictly(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** A JSON array, because joined parts could be cut elsewhere: ("a", "bc") and ("ab", "c") must differ. */
function additionalData(key: EncryptionKey, { organisationId, table, row, field }: SecretLocation): Buffer {
  // The driver gives bigint columns as text, and a row not yet inserted has no id: either would never open again.
  if (!Number.isSafeInteger(organisationId) || [table, row, field].some((part) => typeof part !== 'string' || !part)) {
    throw new TypeError(
      'A secret needs its organisation as a number and its table, row and field as text that is not empty: ' +
        'give the row its id before encrypting.',
    );
  }
  return Buffer.from(JSON.stringify([VERSION, key.id, organisationId, table, row, field]));
}

function named({ organisationId, table, row, field }: SecretLocation): string {
  return `${table}.${field} of row ${row} (organisation ${organisationId})`;
}
