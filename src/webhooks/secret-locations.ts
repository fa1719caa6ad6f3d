import type { SecretLocation } from '../database/encryption.js';
import type { SecretColumn } from '../database/reencrypt.js';

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

/** Both columns, for who encrypts all secrets anew. A change of either row changes its webhook by trigger. */
export const webhookSecrets: readonly SecretColumn[] = [
  {
    table: 'webhook_authorization',
    column: 'password_encrypted',
    row: 'id::text',
    lockFirst: 'select 1 from webhook where authorization_id = any($1::bigint[]) order by id for update',
  },
  {
    table: 'signing_secret',
    column: 'secret_encrypted',
    row: 'id::text',
    lockFirst: `select 1 from webhook where id in (select webhook_id from signing_secret where id = any($1::bigint[]))
                 order by id for update`,
  },
];
