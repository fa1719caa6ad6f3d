import { Environment } from '../config/environment.js';
import type { DeliveryPolicy } from '../webhooks/webhook-definition.js';
import { webhookSentence } from '../webhooks/webhook-sentence.js';
import { attemptView } from './attempt-view.js';
import type { LogEntry } from './logged-delivery.js';
import { prettyJson } from './pretty-json.js';
import { UNDER_WAY } from './redelivery-words.js';
import { listeningPostNames, statuses, waitInWords, waitsBecause } from './words.js';

type Waits = Environment['surveyRetryWaits'];

/** Seconds between two looks of the page at itself: while something is expected at any moment, later, and never. */
const POLL_SECONDS = { soon: 2, later: 10, settled: 20 } as const;

/** What views/webhook-log/show.hbs shows: one delivery as a timeline of attempts. */
export function entryView(
  entry: LogEntry,
  { surveyRetryWaits, replyRetentionDays }: Pick<Environment, 'surveyRetryWaits' | 'replyRetentionDays'>,
) {
  const { row, webhookId, responseId } = entry;
  return {
    webhookId,
    listeningPost: listeningPostNames[row.listening_post] ?? row.listening_post,
    webhookName: row.webhook_name,
    webhookHref: row.deleted ? null : `/webhooks/${row.webhook_id}`,
    sentence: webhookSentence(entry.webhook, surveyRetryWaits),
    ...statuses[row.status],
    test: row.test,
    ticketId: row.ticket_id,
    responseId,
    responseHref: responseId === null ? null : `/responses/${responseId}`,
    notesHref: responseId === null ? null : `/service-recovery-notes?id=${responseId}`,
    createdAt: entry.createdAt,
    payload: entry.payload,
    prettyPayload: entry.payload === null ? null : prettyJson(entry.payload),
    payloadNote: entry.payload === null && entry.attempts.length > 0 ? 'It could not be made: see the attempts.' : null,
    attempts: entry.attempts.map((attempt) => attemptView(attempt, entry.payload, replyRetentionDays)),
    next: nextView(entry, surveyRetryWaits),
    waitingReason: waitsBecause(entry.waitingReason),
    resend: resendView(entry),
    pollSeconds: POLL_SECONDS[expectation(entry)],
  };
}

/** The row at the end of the timeline: the call that is under way, the attempt that is due, or that none is. */
function nextView({ row, next, policy, waitingReason }: LogEntry, surveyRetryWaits: Waits) {
  if (row.under_way) {
    return { words: 'A call is under way.', expected: true };
  }
  if (next === null) {
    return { words: endings[row.status] };
  }
  return {
    words:
      next.kind === 'manual' ? 'Next: one attempt by hand' : automaticInWords(next.spent + 1, policy, surveyRetryWaits),
    due: next.dueAt,
    relative: waitInWords(next.inSeconds),
    // What waits for something else does not count down.
    seconds: waitingReason === null ? Math.max(Math.round(next.inSeconds), 0) : null,
    expected: waitingReason === null,
  };
}

const endings = {
  in_progress: 'The next attempt is being prepared.',
  succeeded: 'It arrived, so nothing more is due.',
  failed: 'The schedule is used up: no further attempt is made by itself.',
  cancelled: 'Its webhook was deleted: no further attempt is made.',
} as const;

function automaticInWords(ordinal: number, { retry }: DeliveryPolicy, surveyRetryWaits: Waits): string {
  const waits = retry.kind === 'survey_waits' ? surveyRetryWaits : retry.seconds;
  const total = Math.max(waits.length + 1, ordinal);
  return `Next: automatic attempt ${ordinal} of ${total}`;
}

function resendView({ webhookId, isUnderWay, pauseReason }: LogEntry) {
  const reason = pauseReason ?? (isUnderWay ? UNDER_WAY : null);
  return { action: `/webhook-log/${webhookId}/redelivery`, allowed: reason === null, reason };
}

function expectation({ row, next, waitingReason }: LogEntry): keyof typeof POLL_SECONDS {
  const isDue = next !== null && waitingReason === null;
  if (row.under_way || (isDue && next.inSeconds < 2)) {
    return 'soon';
  }
  return isDue ? 'later' : 'settled';
}
