import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { namesOf } from '../directory/code-names.js';
import type { Outbox } from '../outbox/outbox.js';
import { Invitation, type TicketContext } from '../invitations/invitation.entity.js';
import type { ExperienceFactor } from '../surveys/factors.js';
import type { Survey } from '../surveys/survey.entity.js';
import { RESPONSE } from './response-record.js';
import { responseSnapshot } from './response-snapshot.js';
import { Response, Submission } from './response.entity.js';

/** An answer to the same ticket within so many days of the last one replaces it. */
export const REPLACEMENT_DAYS = 30;

export interface Answers {
  /** 0–10. */
  overall: number;
  factors: readonly ExperienceFactor[];
  comments: string;
}

export interface SubmittedForm {
  survey: Survey;
  invitation: Invitation;
  /** The ticket as it is now; the response keeps it. */
  ticket: TicketContext;
  language: string;
  answers: Answers;
  /** The form's one-time id; null is a new answer each time. */
  formId: string | null;
}

/** `repeated`: the same form with the same answers came before, and nothing changed. */
export type Submitted = 'new' | 'replaced' | 'repeated';

/**
 * Saves what a customer sent, and the event of it, in the caller's transaction. The lock on the
 * invitation puts the answers about one ticket into a row, so that two at the same moment cannot both
 * be the first.
 */
export async function submitResponse(em: EntityManager, outbox: Outbox, form: SubmittedForm): Promise<Submitted> {
  await em.lock(form.invitation, LockMode.PESSIMISTIC_WRITE);
  const before = await sentBefore(em, form);
  if (before && (isSame(before, form.answers) || isSame(await lastSubmission(em, form), form.answers))) {
    return 'repeated';
  }
  const now = await databaseTime(em);
  const earlier = await replaceableResponse(em, form.invitation);
  const response = earlier ?? em.create(Response, { ...facts(form), completedAt: now });
  if (earlier) {
    em.assign(earlier, { ...facts(form), completedAt: now });
  }
  await em.flush();
  em.create(Submission, {
    organisationId: form.survey.organisationId,
    invitationId: form.invitation.id,
    responseId: response.id,
    formId: before ? null : form.formId,
    overall: form.answers.overall,
    factors: [...form.answers.factors],
    comments: form.answers.comments,
    submittedAt: now,
  });
  await em.flush();
  await recordCompletion(em, outbox, response);
  return earlier ? 'replaced' : 'new';
}

/** The response that an answer given now would replace, if there is one. */
export async function replaceableResponse(em: EntityManager, invitation: Invitation): Promise<Response | null> {
  const rows = await em.execute<{ id: string }[]>(
    `select id from response
      where invitation_id = ? and organisation_id = ?
        and completed_at > clock_timestamp() - make_interval(days => ${REPLACEMENT_DAYS})
      order by completed_at desc limit 1`,
    [invitation.id, invitation.organisationId],
  );
  return rows[0] ? em.findOneOrFail(Response, Number(rows[0].id)) : null;
}

async function sentBefore(em: EntityManager, { invitation, formId }: SubmittedForm): Promise<Submission | null> {
  return formId === null ? null : em.findOne(Submission, { invitationId: invitation.id, formId });
}

/** Of a change of mind, only the first sending carries the form's id: a repetition of it is told by what came last. */
async function lastSubmission(em: EntityManager, { invitation }: SubmittedForm): Promise<Submission> {
  return em.findOneOrFail(Submission, { invitationId: invitation.id }, { orderBy: { id: 'desc' } });
}

/** The same form with other answers is a change of mind whose first reply got lost, and never dropped. */
function isSame(before: Submission, answers: Answers): boolean {
  return (
    before.overall === answers.overall &&
    before.comments === answers.comments &&
    before.factors.join() === answers.factors.join()
  );
}

/** By the database's clock. */
async function databaseTime(em: EntityManager): Promise<Date> {
  const rows = await em.execute<{ now: Date | string }[]>('select clock_timestamp() as now');
  return new Date(rows[0]!.now);
}

function facts({ survey, invitation, ticket, language, answers }: SubmittedForm) {
  return {
    organisationId: survey.organisationId,
    surveyId: survey.id,
    invitationId: invitation.id,
    listeningPost: survey.listeningPost,
    surveyDescription: survey.description,
    language,
    ticketId: ticket.ticketId,
    supportGroupCode: ticket.supportGroupCode,
    agentId: ticket.agentId,
    customerId: ticket.customerId,
    customerName: ticket.customerName,
    customerEmail: ticket.customerEmail,
    segmentCode: ticket.segmentCode,
    segment2Code: ticket.segment2Code,
    overall: answers.overall,
    factors: [...answers.factors],
    comments: answers.comments,
  };
}

/** A completed survey is one event, also when it replaces an earlier answer. */
async function recordCompletion(em: EntityManager, outbox: Outbox, response: Response): Promise<void> {
  const names = await namesOf(em, response.organisationId, response);
  await outbox.record(em, {
    organisationId: response.organisationId,
    type: 'response.completed',
    recordType: RESPONSE,
    recordId: response.id,
    snapshot: responseSnapshot(response, names),
    changedFields: ['status', 'overall', 'factors', 'comments', 'completedAt'],
  });
}
