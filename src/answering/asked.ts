import type { EntityManager } from '@mikro-orm/postgresql';
import { Organisation } from '../accounts/organisation.entity.js';
import { Invitation, type TicketContext } from '../invitations/invitation.entity.js';
import { tokenHashOf } from '../invitations/invitation-link.js';
import { Survey } from '../surveys/survey.entity.js';
import type { TicketLink } from '../surveys/ticket-link.js';

/** What a link asks about. */
export interface Asked {
  organisation: Organisation;
  survey: Survey;
  /** Null for a ticket that nobody has answered about or been invited for. */
  invitation: Invitation | null;
  ticket: TicketContext;
  language: string;
}

export type FoundLink = { kind: 'asked'; asked: Asked } | { kind: 'not_found' } | { kind: 'expired' };

/** Finds what an invitation's token asks about. Reading only: opening a link writes nothing. */
export async function findByToken(em: EntityManager, token: string): Promise<FoundLink> {
  const tokenHash = tokenHashOf(token);
  const invitation = tokenHash && (await em.findOne(Invitation, { tokenHash }));
  if (!invitation) {
    return { kind: 'not_found' };
  }
  const survey = await em.findOneOrFail(Survey, invitation.surveyId);
  return unlessExpired(em, { survey, invitation, ticket: invitation, language: invitation.language });
}

/** Finds what a link that a ticket system built asks about. What it leaves out comes from the invitation, if there is one. */
export async function findByTicketLink(em: EntityManager, link: TicketLink): Promise<FoundLink> {
  const organisation = await em.findOne(Organisation, { portalCode: link.portalCode });
  const survey =
    organisation &&
    (await em.findOne(Survey, {
      organisationId: organisation.id,
      code: link.surveyCode,
      listeningPost: 'transactional',
    }));
  if (!survey) {
    return { kind: 'not_found' };
  }
  const invitation = await em.findOne(Invitation, { surveyId: survey.id, ticketId: link.ticketId });
  const language = invitation?.language ?? survey.language;
  return unlessExpired(em, { survey, invitation, ticket: ticketOf(link, invitation), language });
}

async function unlessExpired(em: EntityManager, asked: Omit<Asked, 'organisation'>): Promise<FoundLink> {
  if (asked.invitation?.expiresAt && (await hasExpired(em, asked.invitation))) {
    return { kind: 'expired' };
  }
  const organisation = await em.findOneOrFail(Organisation, asked.survey.organisationId);
  return { kind: 'asked', asked: { organisation, ...asked } };
}

/** By the database's clock, as everything that is due. */
async function hasExpired(em: EntityManager, { id }: Invitation): Promise<boolean> {
  const rows = await em.execute<unknown[]>(
    'select 1 from invitation where id = ? and expires_at <= clock_timestamp()',
    [id],
  );
  return rows.length > 0;
}

function ticketOf(link: TicketLink, invitation: Invitation | null): TicketContext {
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
