import type { EntityManager } from '@mikro-orm/postgresql';
import { storableText } from '../database/storable-text.js';
import { addressOf } from './address.js';
import type { AccountRequest } from './current.js';

/** One line of the audit trail. */
export interface AuditedAct {
  organisationId: number;
  /** Null when nobody is signed in: a failed sign-in, the system itself. */
  actor: { id: number; email: string } | null;
  /** A thing and what happened to it: `member.role_changed`. The page says it in words. */
  action: string;
  /** What it happened to, as people know it: an e-mail, a name, a Webhook ID. */
  target?: string | null;
  /** What else is worth knowing, without secrets: `{ from: 'viewer', to: 'admin' }`. */
  details?: Readonly<Record<string, unknown>>;
  address?: string | null;
}

/** Who does it. */
export type Actor = Pick<AuditedAct, 'organisationId' | 'actor' | 'address'>;

/**
 * Adds a line to the audit trail. Call it in the transaction of what it tells of, so that there is neither an act
 * without its line nor a line without its act:
 *
 *     await em.transactional(async (tx) => {
 *       … the change itself …
 *       await audit(tx, { ...actOf(request), action: 'support_group.renamed', target: group.code });
 *     });
 */
export async function audit(em: EntityManager, act: AuditedAct): Promise<void> {
  await em.execute(
    `insert into audit_entry (organisation_id, actor_id, actor_email, action, target, details, address)
     values (?, ?, ?, ?, ?, ?::jsonb, ?)`,
    [
      act.organisationId,
      act.actor?.id ?? null,
      act.actor?.email ?? null,
      act.action,
      act.target === undefined || act.target === null ? null : storableText(act.target),
      detailsJson(act.details ?? {}),
      act.address ?? null,
    ],
  );
}

/** Who acts: the organisation, the signed-in member and the address of a request behind SignedInGuard. */
export function actOf(request: AccountRequest): Actor {
  const { organisation, member } = request;
  if (!organisation) {
    throw new Error('Only a request behind SignedInGuard or ApiKeyGuard has somebody who acts.');
  }
  return {
    organisationId: organisation.id,
    actor: member ? { id: member.id, email: member.email } : null,
    address: addressOf(request),
  };
}

/** Details are the caller's care; a secret that slips in under its own name stays out of the trail all the same. */
const SECRET_NAME = /password|secret|token|authorization|^(api_?)?key$/i;

function detailsJson(details: object): string {
  return JSON.stringify(details, (name: string, value: unknown) => {
    if (typeof value !== 'string') {
      return value;
    }
    return SECRET_NAME.test(name) ? '(not kept)' : storableText(value);
  });
}
