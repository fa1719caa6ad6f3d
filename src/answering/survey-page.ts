import { randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { namesOf } from '../directory/code-names.js';
import { wouldReplace } from '../responses/submit-response.js';
import type { FormError, Typed } from './answers-form.js';
import type { Asked } from './asked.js';
import { surveyQuestions, surveyWording } from './survey-wording.js';

/**
 * The view of views/answering/show.hbs. Earlier answers are never in it: whoever holds the link could read them.
 *
 * @param more.formId of a form that may have arrived after all: to send it again must not make a second answer of it
 */
export async function surveyPage(
  em: EntityManager,
  asked: Asked,
  action: string,
  typed: Typed,
  { errors = [], formId = null }: { errors?: readonly FormError[]; formId?: string | null } = {},
) {
  const { organisationName, survey, ticket, invitationId } = asked;
  const wording = surveyWording(asked.language);
  const names = await namesOf(em, survey.organisationId, ticket);
  return {
    wording,
    language: wording.language,
    organisationName,
    surveyDescription: survey.description,
    ticket: { id: ticket.ticketId, supportGroupName: names.supportGroupName },
    action,
    hidden: [{ name: 'form', value: formId ?? randomBytes(16).toString('base64url') }],
    ...surveyQuestions(wording, typed),
    comments: typed.comments,
    replaces: invitationId !== null && (await wouldReplace(em, survey.organisationId, invitationId)),
    errors,
  };
}

/** The view of views/answering/thank-you.hbs. */
export function thankYouPage({ organisationName, survey, language }: Asked, changeUrl: string, replaced: boolean) {
  const wording = surveyWording(language);
  return {
    wording,
    language: wording.language,
    organisationName,
    surveyDescription: survey.description,
    thankYouText: survey.thankYouText,
    replaced,
    changeUrl,
  };
}

/** The same view where even the survey could not be looked up: the questions again, with all that was sent. */
export function keptPage(action: string, typed: Typed, formId: string | null) {
  const wording = surveyWording('en');
  const { title, message } = wording.notReached;
  return {
    wording,
    language: wording.language,
    organisationName: '',
    surveyDescription: title,
    ticket: null,
    action,
    hidden: formId === null ? [] : [{ name: 'form', value: formId }],
    ...surveyQuestions(wording, typed),
    comments: typed.comments,
    replaces: false,
    errors: [{ field: 'form' as const, message }],
  };
}

const unavailable = {
  not_found: { status: 404, words: 'notFound' },
  expired: { status: 410, words: 'expired' },
  bad_link: { status: 400, words: 'badLink' },
} as const;

/** The view of views/answering/unavailable.hbs, with its status. A link that is not found hints at nothing. */
export function unavailablePage(kind: keyof typeof unavailable) {
  const { status, words } = unavailable[kind];
  const wording = surveyWording('en');
  return { status, view: { language: wording.language, ...wording.unavailable[words] } };
}
