import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Keyring } from '../config/keyring.js';
import type { Survey } from '../surveys/survey.entity.js';
import { newToken } from './invitation-link.js';
import { Invitation, type TicketContext } from './invitation.entity.js';

export interface Invited {
  invitation: Invitation;
  created: boolean;
}

/** What may be said of an invitation; what is left out keeps what it was, or is empty in a new one. */
export type InvitationDetails = Pick<TicketContext, 'ticketId' | 'supportGroupCode'> &
  Partial<TicketContext> & { language?: string; expiresAt?: Date | null };

/**
 * Invites a ticket's customer to a survey. A ticket has one invitation in a survey: asking again
 * brings the details up to date and keeps the link. Run it in a transaction, on which the invitation's
 * row stays locked.
 */
export async function invite(
  em: EntityManager,
  keyring: Keyring,
  survey: Survey,
  details: InvitationDetails,
): Promise<Invited> {
  const created = await insertUnlessThere(em, keyring, survey, details);
  const invitation = await em.findOneOrFail(
    Invitation,
    { surveyId: survey.id, ticketId: details.ticketId },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  if (!created) {
    const { ticketId: _, ...changes } = details;
    em.assign(invitation, changes);
    await em.flush();
  }
  return { invitation, created };
}

/** `on conflict` and not a look first: two requests for one ticket may come at the same moment. */
async function insertUnlessThere(
  em: EntityManager,
  keyring: Keyring,
  survey: Survey,
  details: InvitationDetails,
): Promise<boolean> {
  const { tokenHash, tokenEncrypted } = newToken(keyring, survey.organisationId);
  const rows = await em.execute<unknown[]>(
    `insert into invitation (organisation_id, survey_id, ticket_id, token_hash, token_encrypted, support_group_code,
                             agent_id, customer_id, customer_name, customer_email, segment_code, segment_2_code,
                             language, expires_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         on conflict (survey_id, ticket_id) do nothing returning id`,
    [
      survey.organisationId,
      survey.id,
      details.ticketId,
      tokenHash,
      tokenEncrypted,
      details.supportGroupCode,
      details.agentId ?? '',
      details.customerId ?? '',
      details.customerName ?? '',
      details.customerEmail ?? '',
      details.segmentCode ?? '',
      details.segment2Code ?? '',
      details.language ?? survey.language,
      details.expiresAt ?? null,
    ],
  );
  return rows.length > 0;
}
