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

/** What has to be known of a survey to invite to it. */
export type InvitingSurvey = Pick<Survey, 'id' | 'organisationId' | 'language'>;

/**
 * Invites a ticket's customer to a survey. A ticket has one invitation in a survey: asking again
 * brings the details up to date and keeps the link. Run it in a transaction, on which the invitation's
 * row stays locked.
 */
export async function invite(
  em: EntityManager,
  keyring: Keyring,
  survey: InvitingSurvey,
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
  survey: InvitingSurvey,
  details: InvitationDetails,
): Promise<boolean> {
  const given = JSON.stringify(newInvitation(keyring, survey, details));
  const rows = await em.execute<unknown[]>(
    `with given as (select * from json_to_record(?::json) as given(${invitationFields}))
     ${insertInvitationSql()}`,
    [given],
  );
  return rows.length > 0;
}

/** The columns of a new invitation, with a link of its own. */
export function newInvitation(keyring: Keyring, survey: InvitingSurvey, details: InvitationDetails) {
  const { tokenHash, tokenEncrypted } = newToken(keyring, survey.organisationId);
  return {
    ...ticketColumns(survey, details),
    token_hash: `\\x${tokenHash.toString('hex')}`,
    token_encrypted: tokenEncrypted,
    expires_at: details.expiresAt ?? null,
    submissions: 0,
  };
}

/** The columns that say which ticket of which survey it is about. */
export function ticketColumns(survey: InvitingSurvey, details: InvitationDetails) {
  return {
    organisation_id: survey.organisationId,
    survey_id: survey.id,
    ticket_id: details.ticketId,
    support_group_code: details.supportGroupCode,
    agent_id: details.agentId ?? '',
    customer_id: details.customerId ?? '',
    customer_name: details.customerName ?? '',
    customer_email: details.customerEmail ?? '',
    segment_code: details.segmentCode ?? '',
    segment_2_code: details.segment2Code ?? '',
    language: details.language ?? survey.language,
  };
}

/** For json_to_record. */
export const invitationFields = `
  organisation_id bigint, survey_id bigint, ticket_id text, token_hash bytea, token_encrypted text,
  support_group_code text, agent_id text, customer_id text, customer_name text, customer_email text, segment_code text,
  segment_2_code text, language text, expires_at timestamptz, submissions integer`;

/** Writes the invitation of `given`, unless its ticket has one. @param condition which of them: `where …` */
export function insertInvitationSql(condition = ''): string {
  return `
  insert into invitation (organisation_id, survey_id, ticket_id, token_hash, token_encrypted, support_group_code,
                          agent_id, customer_id, customer_name, customer_email, segment_code, segment_2_code,
                          language, expires_at, submissions)
  select organisation_id, survey_id, ticket_id, token_hash, token_encrypted, support_group_code, agent_id,
         customer_id, customer_name, customer_email, segment_code, segment_2_code, language, expires_at, submissions
    from given ${condition}
      on conflict (survey_id, ticket_id) do nothing
  returning id`;
}
