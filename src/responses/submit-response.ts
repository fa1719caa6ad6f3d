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
  const { now, earlierId, sentBeforeId } = await whatStands(em, form);
  const before = sentBeforeId === null ? null : await em.findOneOrFail(Submission, sentBeforeId);
  if (before && (isSame(before, form.answers) || isSame(await lastSubmission(em, form), form.answers))) {
    return 'repeated';
  }
  const earlier = earlierId === null ? null : await em.findOneOrFail(Response, earlierId);
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

/** Of an invitation (?) of an organisation (?): the response that an answer given now would replace. */
const REPLACEABLE = `
  select id from response
   where invitation_id = ? and organisation_id = ?
     and completed_at > clock_timestamp() - make_interval(days => ${REPLACEMENT_DAYS})
   order by completed_at desc limit 1`;

/** Whether an answer given now would replace one. */
export async function wouldReplace(em: EntityManager, { id, organisationId }: Invitation): Promise<boolean> {
  return (await em.execute<unknown[]>(REPLACEABLE, [id, organisationId])).length > 0;
}

interface Standing {
  /** By the database's clock. */
  now: Date;
  /** Of the response that this answer replaces. */
  earlierId: number | null;
  /** Of the submission that came with the same one-time id. */
  sentBeforeId: number | null;
}

/** All that an answer depends on, in one look. */
async function whatStands(em: EntityManager, { invitation, formId }: SubmittedForm): Promise<Standing> {
  const { id, organisationId } = invitation;
  const [row] = await em.execute<[{ now: Date | string; earlier: string | null; sent_before: string | null }]>(
    `select clock_timestamp() as now, (${REPLACEABLE}) as earlier,
            (select id from submission where invitation_id = ? and form_id = ?::text) as sent_before`,
    [id, organisationId, id, formId],
  );
  return { now: new Date(row.now), earlierId: numberIn(row.earlier), sentBeforeId: numberIn(row.sent_before) };
}

/** Of a column that MikroORM answers as a text. */
function numberIn(text: string | null): number | null {
  return text === null ? null : Number(text);
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
