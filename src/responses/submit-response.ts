import type { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { Keyring } from '../config/keyring.js';
import { DatabasePool } from '../database/database-pool.js';
import { errorCode } from '../database/system-error.js';
import { ticketNames } from '../directory/code-names.js';
import type { TicketContext } from '../invitations/invitation.entity.js';
import { newInvitation, ticketColumns } from '../invitations/invite.js';
import { Outbox, type NewEvent } from '../outbox/outbox.js';
import type { ExperienceFactor } from '../surveys/factors.js';
import type { Survey } from '../surveys/survey.entity.js';
import { Turns } from './turns.js';
import { RESPONSE } from './response-record.js';
import { responseSnapshot, type ResponseFacts } from './response-snapshot.js';
import {
  lookBeforeSubmittingStatement,
  replaceableSql,
  submitStatement,
  type SentAnswers,
  type StandingRow,
} from './submit-response.sql.js';

export interface Answers {
  /** 0–10. */
  overall: number;
  factors: readonly ExperienceFactor[];
  comments: string;
}

export interface SubmittedForm {
  survey: Pick<Survey, 'id' | 'organisationId' | 'listeningPost' | 'description' | 'language'>;
  /**
   * The ticket as it is now; the response keeps it. One that has no invitation yet gets it with the answer; one that has
   * keeps it as it is.
   */
  ticket: TicketContext;
  language: string;
  answers: Answers;
  /** The form's one-time id; null is a new answer each time. */
  formId: string | null;
}

/** `repeated`: the same form with the same answers came before, and nothing changed. */
export type Submitted = 'new' | 'replaced' | 'repeated';

const UNIQUE_VIOLATION = '23505';
/** A number of an event is drawn twice in the same millisecond only, or after a clock was set back. */
const MOST_DRAWS = 10;

/** Saves what customers send. */
@Injectable()
export class ResponseSubmitter {
  private readonly turns = new Turns();

  constructor(
    private readonly database: DatabasePool,
    private readonly outbox: Outbox,
    private readonly keyring: Keyring,
  ) {}

  /**
   * Saves what a customer sent, and the event of it, by one statement: all of it stands, or nothing. What it depends on is
   * read before, by another one, which is repeated where somebody else has answered about the ticket in between. In this
   * process they wait for each other, so that many at once do not make each other look again and again.
   */
  async submit(form: SubmittedForm): Promise<Submitted> {
    return this.turns.take(`${form.survey.id} ${form.ticket.ticketId}`, () => this.submitInTurn(form));
  }

  private async submitInTurn(form: SubmittedForm): Promise<Submitted> {
    for (let draws = 1; ;) {
      const standing = await this.look(form);
      if (isRepeated(standing, form.answers)) {
        return 'repeated';
      }
      try {
        if (await this.write(form, standing)) {
          this.outbox.announce();
          return standing.replaces ? 'replaced' : 'new';
        }
      } catch (error) {
        if (!isDrawnTwice(error) || draws === MOST_DRAWS) {
          throw error;
        }
        draws += 1;
      }
    }
  }

  private async look({ survey, ticket, formId }: SubmittedForm): Promise<StandingRow> {
    const [row] = await this.database.run<StandingRow>(lookBeforeSubmittingStatement, [
      survey.id,
      ticket.ticketId,
      formId,
      survey.organisationId,
      ticket.supportGroupCode,
      ticket.segmentCode,
      ticket.segment2Code,
    ]);
    return row!;
  }

  /** False when another answer or an invitation came first. */
  private async write(form: SubmittedForm, standing: StandingRow): Promise<boolean> {
    const facts = factsOf(form, standing);
    const rows = await this.database.run(submitStatement, [
      JSON.stringify({ ...this.invitationOf(form, standing), ...columnsOf(form, standing, facts) }),
      this.outbox.parameterOf(completionOf(form, standing, facts)),
    ]);
    return rows.length > 0;
  }

  private invitationOf({ survey, ticket, language }: SubmittedForm, { invitation_id: id, submissions }: StandingRow) {
    const details = { ...ticket, language };
    return {
      ...(id === null ? newInvitation(this.keyring, survey, details) : ticketColumns(survey, details)),
      invitation_id: id,
      submissions: (submissions ?? 0) + 1,
    };
  }
}

/** Whether an answer given now would replace one. */
export async function wouldReplace(em: EntityManager, organisationId: number, invitationId: number): Promise<boolean> {
  return (await em.execute<unknown[]>(replaceableSql('?', '?'), [organisationId, invitationId])).length > 0;
}

/** Whether it is the number of an event that another one has; events have no other key. */
function isDrawnTwice(error: unknown): boolean {
  return errorCode(error) === UNIQUE_VIOLATION && String((error as { table?: string }).table).startsWith('event_');
}

/**
 * The same form with other answers is a change of mind whose first reply got lost, and never dropped. Of such a change only
 * the first sending carries the form's id: a repetition of it is told by what came last.
 */
function isRepeated({ sent_before: before, sent_last: last }: StandingRow, answers: Answers): boolean {
  return before !== null && [before, last].some((sent) => isSame(sent, answers));
}

function isSame(sent: SentAnswers | null, answers: Answers): boolean {
  return (
    sent !== null &&
    sent.overall === answers.overall &&
    sent.comments === answers.comments &&
    sent.factors.join() === answers.factors.join()
  );
}

function factsOf({ survey, ticket, language, answers }: SubmittedForm, standing: StandingRow): ResponseFacts {
  return {
    ...ticket,
    id: standing.response_id,
    listeningPost: survey.listeningPost,
    surveyDescription: survey.description,
    language,
    overall: answers.overall,
    factors: [...answers.factors],
    comments: answers.comments,
    completedAt: standing.now,
  };
}

/** What submitStatement is given beside the invitation. */
function columnsOf(form: SubmittedForm, standing: StandingRow, facts: ResponseFacts) {
  return {
    response_id: facts.id,
    replaces: standing.replaces,
    form_id: standing.sent_before ? null : form.formId,
    listening_post: facts.listeningPost,
    survey_description: facts.surveyDescription,
    overall: facts.overall,
    factors: facts.factors,
    comments: facts.comments,
    completed_at: facts.completedAt,
  };
}

/** A completed survey is one event, also when it replaces an earlier answer. */
function completionOf({ survey, ticket }: SubmittedForm, standing: StandingRow, facts: ResponseFacts): NewEvent {
  return {
    organisationId: survey.organisationId,
    type: 'response.completed',
    recordType: RESPONSE,
    recordId: facts.id,
    snapshot: responseSnapshot(facts, ticketNames(standing, ticket)),
    changedFields: ['status', 'overall', 'factors', 'comments', 'completedAt'],
  };
}
