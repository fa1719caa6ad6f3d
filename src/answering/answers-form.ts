import { storableText } from '../database/storable-text.js';
import type { Answers } from '../responses/submit-response.js';
import { experienceFactors } from '../surveys/factors.js';
import { thousands } from '../web/view-helpers.js';
import type { SurveyWording } from './survey-wording.js';

/** Characters (code points, a line break counting one) that a comment may have. */
export const COMMENT_MAXIMUM = 10_000;

const SCORE = /^(?:\d|10)$/;
const FORM_ID = /^[A-Za-z0-9_-]{8,64}$/;

export interface FormError {
  field: 'overall' | 'factors' | 'comments' | 'form';
  message: string;
}

/** What a person typed, to be shown to them again. */
export interface Typed {
  overall: number | null;
  factors: readonly string[];
  comments: string;
}

/** A form that can be submitted, with its one-time id. */
export interface SentForm {
  answers: Answers;
  formId: string | null;
}

export type ReadForm = ({ kind: 'answers' } & SentForm) | { kind: 'errors'; errors: FormError[]; typed: Typed };

/**
 * Reads the posted form, whatever was posted. Half characters and U+0000, which nobody can type, become
 * the replacement character; everything else is kept as it is. A one-time id that is none counts as
 * missing: rather a second answer than a lost one.
 */
export function readForm(body: unknown, wording: SurveyWording): ReadForm {
  const { typed, formId } = readTyped(body);
  const { overall, factors, comments } = typed;
  const errors = problems(typed, wording);
  if (overall === null || errors.length > 0) {
    return { kind: 'errors', errors, typed };
  }
  const known = experienceFactors.filter((factor) => factors.includes(factor));
  return { kind: 'answers', answers: { overall, factors: known, comments }, formId };
}

/** What was sent, right or wrong. */
export function readTyped(body: unknown): { typed: Typed; formId: string | null } {
  const fields = Object(body) as Record<string, unknown>;
  const comments = storableText(textsOf(fields.comments).join('\n').replaceAll('\r\n', '\n'));
  const typed = { overall: readScore(fields.overall), factors: textsOf(fields.factors), comments };
  return { typed, formId: readFormId(fields.form) };
}

/** A score as text, from a form or a link; null when it is none. */
export function readScore(text: unknown): number | null {
  return typeof text === 'string' && SCORE.test(text) ? Number(text) : null;
}

function problems({ overall, factors, comments }: Typed, wording: SurveyWording): FormError[] {
  const errors: FormError[] = [];
  if (overall === null) {
    errors.push({ field: 'overall', message: wording.errors.overallMissing });
  }
  if (factors.some((factor) => !experienceFactors.some((known) => known === factor))) {
    errors.push({ field: 'factors', message: wording.errors.factorsUnknown });
  }
  const length = [...comments].length;
  if (length > COMMENT_MAXIMUM) {
    const message = wording.errors.commentsTooLong(thousands(length), thousands(COMMENT_MAXIMUM));
    errors.push({ field: 'comments', message });
  }
  return errors;
}

function readFormId(text: unknown): string | null {
  return typeof text === 'string' && FORM_ID.test(text) ? text : null;
}

/** A field that is sent several times is a list, one that is sent once a text. */
function textsOf(value: unknown): string[] {
  return [value].flat(2).filter((text) => typeof text === 'string');
}
