import type { DatabasePool, SqlStatement } from '../database/database-pool.js';
import type { Invitation, TicketContext } from '../invitations/invitation.entity.js';
import { tokenHashOf } from '../invitations/invitation-link.js';
import type { Survey } from '../surveys/survey.entity.js';
import type { TicketLink } from '../surveys/ticket-link.js';

/** What a link asks about. */
export interface Asked {
  organisationName: string;
  survey: Pick<Survey, 'id' | 'organisationId' | 'listeningPost' | 'description' | 'language' | 'thankYouText'>;
  /** Null for a ticket that nobody has answered about or been invited for. */
  invitationId: number | null;
  ticket: TicketContext;
  language: string;
}

export type FoundLink = { kind: 'asked'; asked: Asked } | { kind: 'not_found' } | { kind: 'expired' };

/** Finds what an invitation's token asks about. Reading only: opening a link writes nothing. */
export async function findByToken(database: DatabasePool, token: string): Promise<FoundLink> {
  const tokenHash = tokenHashOf(token);
  const [row] = tokenHash ? await database.run<AskedRow>(findByTokenStatement, [tokenHash]) : [];
  return found(row, (invitation) => invitation!);
}

/** Finds what a link that a ticket system built asks about. What it leaves out comes from the invitation, if there is one. */
export async function findByTicketLink(database: DatabasePool, link: TicketLink): Promise<FoundLink> {
  const { portalCode, surveyCode, ticketId } = link;
  const [row] = await database.run<AskedRow>(findByTicketStatement, [portalCode, surveyCode, ticketId]);
  return found(row, (invitation) => ticketOf(link, invitation));
}

function found(row: AskedRow | undefined, ticket: (invitation: TicketContext | null) => TicketContext): FoundLink {
  if (!row) {
    return { kind: 'not_found' };
  }
  if (row.expired) {
    return { kind: 'expired' };
  }
  const { organisation_name: organisationName, survey, invitation } = row;
  return {
    kind: 'asked',
    asked: {
      organisationName,
      survey,
      invitationId: invitation?.id ?? null,
      ticket: ticket(invitation),
      language: invitation?.language ?? survey.language,
    },
  };
}

function ticketOf(link: TicketLink, invitation: TicketContext | null): TicketContext {
  // The invitation's name and e-mail are those of its own customer.
  const isSameCustomer = link.customerId === '' || link.customerId === invitation?.customerId;
  return {
    ticketId: link.ticketId,
    supportGroupCode: link.supportGroupCode,
    agentId: link.agentId || (invitation?.agentId ?? ''),
    customerId: link.customerId || (invitation?.customerId ?? ''),
    customerName: isSameCustomer ? (invitation?.customerName ?? '') : '',
    customerEmail: isSameCustomer ? (invitation?.customerEmail ?? '') : '',
    segmentCode: link.segmentCode || (invitation?.segmentCode ?? ''),
    segment2Code: link.segment2Code || (invitation?.segment2Code ?? ''),
  };
}

interface AskedRow {
  organisation_name: string;
  survey: Asked['survey'];
  invitation: (TicketContext & Pick<Invitation, 'id' | 'language'>) | null;
  /** By the database's clock, as everything that is due. */
  expired: boolean;
}

const COLUMNS = `
  organisation.name as organisation_name,
  json_build_object('id', survey.id, 'organisationId', survey.organisation_id, 'listeningPost', listening_post,
                    'description', description, 'language', survey.language, 'thankYouText', thank_you_text) as survey,
  case when invitation.id is not null then
    json_build_object('id', invitation.id, 'language', invitation.language, 'ticketId', ticket_id,
                      'supportGroupCode', support_group_code, 'agentId', agent_id, 'customerId', customer_id,
                      'customerName', customer_name, 'customerEmail', customer_email, 'segmentCode', segment_code,
                      'segment2Code', segment_2_code) end as invitation,
  coalesce(expires_at <= clock_timestamp(), false) as expired`;

/** $1: the hash of a token. */
const findByTokenStatement: SqlStatement = {
  name: 'find_asked_by_token',
  text: `
select ${COLUMNS}
  from invitation
  join survey on survey.id = invitation.survey_id
  join organisation on organisation.id = survey.organisation_id
 where token_hash = $1::bytea`,
};

/** $1: the portal's code, $2: the survey's, $3: the ticket. */
const findByTicketStatement: SqlStatement = {
  name: 'find_asked_by_ticket',
  text: `
select ${COLUMNS}
  from organisation
  join survey on survey.organisation_id = organisation.id
  left join invitation on invitation.survey_id = survey.id and ticket_id = $3::text
 where portal_code = $1::text and survey.code = $2::text and listening_post = 'transactional'`,
};
