import { surveyQuestions, surveyWording } from '../../src/answering/survey-wording.js';
import type { TicketNames } from '../../src/directory/code-names.js';
import type { ResponseSnapshot } from '../../src/responses/response-snapshot.js';
import { responseRecord } from '../../src/responses/response-record.js';
import { answerView, responseView } from '../../src/responses/response-view.js';
import type { Response } from '../../src/responses/response.entity.js';
import { surveyPayload } from '../../src/responses/survey-payload.js';
import { momentIn } from '../../src/web/moment.js';
import { entryView } from '../../src/webhook-log/entry-page.js';
import { LogEntry } from '../../src/webhook-log/logged-delivery.js';
import type { EntryRow } from '../../src/webhook-log/logged-delivery.sql.js';

/** How many texts the pages show. */
export const TEXTS = 14;

export interface HostilePage {
  name: string;
  model: Record<string, unknown>;
  /** Texts that must stand in it as they were typed. */
  shown: string[];
}

const moment = new Date('2026-11-22T02:31:05.120Z');
const at = momentIn('Pacific/Auckland', moment);

/** The survey, a response and an entry of the log, each with other people's text wherever one can stand. */
export function hostilePages(text: (place: number) => string, reply = text(0)): HostilePage[] {
  const all = Array.from({ length: TEXTS }, (_, place) => text(place));
  return [surveyPage(all), responsePage(all), logEntry(all, reply)];
}

function surveyPage(texts: string[]): HostilePage {
  const [organisationName, surveyDescription, id, supportGroupName, action, value, comments, message] = texts;
  const wording = surveyWording('en');
  return {
    name: 'answering/show',
    model: {
      wording,
      language: wording.language,
      organisationName,
      surveyDescription,
      ticket: { id, supportGroupName },
      action,
      hidden: [{ name: 'form', value }],
      ...surveyQuestions(wording, { overall: 0, factors: ['Speed'] }),
      comments,
      replaces: true,
      errors: [{ field: 'comments', message }],
    },
    shown: texts.slice(0, 8),
  };
}

function responsePage(texts: string[]): HostilePage {
  const [ticketId, agentId, customerName, groupName, segmentName, survey, comments, earlier, author, note, typed] =
    texts;
  const response = {
    id: 3690,
    overall: 0,
    factors: ['Speed'],
    language: 'en',
    completedAt: moment,
    ticketId,
    agentId,
    customerName,
    customerId: '',
    customerEmail: '',
    comments,
    surveyDescription: survey,
    supportGroupCode: '',
    segmentCode: '',
    segment2Code: '',
  } as unknown as Response;
  const names: TicketNames = {
    supportGroupName: groupName!,
    segment: { code: 'X', name: segmentName! },
    segment2: { code: 'NONE', name: 'No Segment' },
  };
  return {
    name: 'responses/show',
    model: {
      ...portal(texts[11]!),
      response: responseView(response, names, 'UTC'),
      notes: {
        notes: [{ author, writtenAt: at, text: note }],
        action: '/service-recovery-notes',
        responseId: 3690,
        page: 'response',
        noteError: texts[12],
        noteText: typed,
      },
      deliveries: null,
      earlier: [{ ...answerView({ overall: 10, factors: [], comments: earlier! }), givenAt: at, replacedAt: at }],
    },
    shown: texts.slice(0, 13),
  };
}

function logEntry(texts: string[], replyBody: string): HostilePage {
  const [ticket_id, webhook_name, message, headerName, headerValue, requestValue, replyError, url] = texts;
  const snapshot = { ...(responseRecord.sample() as ResponseSnapshot), comments: texts[8]!, customerId: texts[9]! };
  const row = {
    id: 4096,
    test: true,
    listening_post: 'transactional',
    record_type: 'response',
    record_id: 3690,
    ticket_id,
    status: 'in_progress',
    automatic_attempts: 1,
    manual_attempts: 0,
    interrupted_attempts: 0,
    last_outcome: 'rejected',
    last_response_code: 500,
    last_response: '',
    last_activity_at: moment,
    webhook_name,
    enabled: true,
    deleted: true,
    under_way: false,
    next_kind: 'automatic',
    next_spent: 1,
    next_due_at: moment,
    next_in_seconds: 60,
    trigger: {
      recordType: 'response',
      on: ['completed'],
      conditions: [{ field: 'x', operator: 'equals', value: texts[10] }],
    },
    request: { method: 'POST', url: null, headers: [], body: { kind: 'serialisation', name: texts[11] } },
    policy: { retry: { kind: 'survey_waits' } },
    payload: surveyPayload(snapshot, { webhookId: '0000000001000', baseUrl: 'https://a.example' }),
    attempts: [
      {
        number: 1,
        manual: true,
        outcome: 'rejected',
        message,
        responseCode: 500,
        startedAt: moment.toISOString(),
        durationMs: 17,
        exchanges: [
          {
            method: 'POST',
            url: `https://hooks.example/${url}`,
            status: 500,
            replyTruncated: true,
            replyError,
            requestHeaders: [['X-Test', requestValue]],
            replyHeaders: [
              [`x-${headerName}`, 'a value'],
              ['x-test', headerValue],
            ],
            replyBody: Buffer.from(replyBody).toString('base64'),
            durationMs: 17,
          },
        ],
      },
    ],
  } as unknown as EntryRow;
  return {
    name: 'webhook-log/show',
    model: {
      ...portal(texts[13]!),
      ...entryView(new LogEntry(row, 'enterprise'), { surveyRetryWaits: [300], replyRetentionDays: 30 }),
    },
    // A URL is masked, as is a header whose name speaks of a password; the payload is JSON. Those are other tests' part.
    shown: [ticket_id!, webhook_name!, message!, headerValue!, requestValue!, replyError!, replyBody, texts[13]!],
  };
}

function portal(text: string) {
  return {
    title: 'Test',
    organisationName: text,
    memberName: text,
    memberEmail: text,
    csrfToken: 'csrf',
    flash: [{ kind: 'notice', text }],
    nav: { responses: true },
  };
}
