import { createHash, randomBytes } from 'node:crypto';
import type { Keyring } from '../config/keyring.js';
import { decryptSecret, encryptSecret, type SecretLocation } from '../database/encryption.js';
import type { SecretColumn } from '../database/reencrypt.js';
import type { Invitation } from './invitation.entity.js';

const TOKEN_BYTES = 24;
const TOKEN = /^[A-Za-z0-9_-]{32}$/;

export interface NewToken {
  tokenHash: Buffer;
  tokenEncrypted: string;
}

/** A new unguessable link (192 random bits), as the database keeps it. */
export function newToken(keyring: Keyring, organisationId: number): NewToken {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const tokenHash = hashOf(token);
  return { tokenHash, tokenEncrypted: encryptSecret(keyring, token, location(organisationId, tokenHash)) };
}

/** What an invitation is found by, or null when the text can be no token at all. */
export function tokenHashOf(token: string): Buffer | null {
  return TOKEN.test(token) ? hashOf(token) : null;
}

/** The path of the survey page, to be put behind BASE_URL. */
export function linkPath(
  keyring: Keyring,
  invitation: Pick<Invitation, 'organisationId' | 'tokenHash' | 'tokenEncrypted'>,
): string {
  const { organisationId, tokenHash, tokenEncrypted } = invitation;
  return `/s/${decryptSecret(keyring, tokenEncrypted, location(organisationId, tokenHash))}`;
}

/** The column of the tokens, for who encrypts all secrets anew. */
export const invitationTokens: SecretColumn = {
  table: 'invitation',
  column: 'token_encrypted',
  row: `encode(token_hash, 'hex')`,
};

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token, 'ascii').digest();
}

/** The row is named by the token's hash, which is there before the row has a number. */
function location(organisationId: number, tokenHash: Buffer): SecretLocation {
  return { organisationId, table: 'invitation', row: tokenHash.toString('hex'), field: 'token_encrypted' };
}
