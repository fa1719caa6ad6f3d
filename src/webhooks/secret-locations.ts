import type { SecretLocation } from '../database/encryption.js';

/** Where an authorization's password is kept: its envelope opens nowhere else. */
export function passwordLocation(organisationId: number, authorizationId: number): SecretLocation {
  return {
    organisationId,
    table: 'webhook_authorization',
    row: String(authorizationId),
    field: 'password_encrypted',
  };
}

/** Where a secret that signs calls is kept. */
export function signingSecretLocation(organisationId: number, secretId: number): SecretLocation {
  return { organisationId, table: 'signing_secret', row: String(secretId), field: 'secret_encrypted' };
}
