import { Environment } from '../config/environment.js';
import type { DeliveryPolicy } from '../webhooks/webhook-definition.js';
import { attemptView } from './attempt-view.js';
import type { LogEntry } from './logged-delivery.js';
import { UNDER_WAY } from './redelivery-words.js';
import { listeningPostNames, statuses, waitInWords, waitsBecause } from './words.js';

type Waits = Environment['surveyRetryWaits'];

/** What views/webhook-log/show.hbs shows: one delivery as a timeline of attempts. */
export function entryView(entry: LogEntry, surveyRetryWaits: Waits) {
  const { row, webhookId, responseId } = entry;
  return {
    webhookId,
    listeningPost: listeningPostNames[row.listening_post] ?? row.listening_post,
    ...statuses[row.status],
    test: row.test,
    ticketId: row.ticket_id,
    responseId,
    notesHref: responseId === null ? null : `/service-recovery-notes?id=${responseId}`,
    createdAt: entry.createdAt,
    payload: entry.payload,
    payloadNote: entry.payload === null && entry.attempts.length > 0 ? 'It could not be made: see the attempts.' : null,
    attempts: entry.attempts.map(attemptView),
    next: nextView(entry, surveyRetryWaits),
    waitingReason: waitsBecause(entry.waitingReason),
    resend: resendView(entry),
  };
}

/** The ghost at the end of the timeline: the call that is under way, or the attempt that is due. */
function nextView({ row, next, policy }: LogEntry, surveyRetryWaits: Waits) {
  if (row.under_way) {
    return { words: 'A call is under way.' };
  }
  if (next === null) {
    return null;
  }
  return {
    words:
      next.kind === 'manual' ? 'Next: one attempt by hand' : automaticInWords(next.spent + 1, policy, surveyRetryWaits),
    due: next.dueAt,
    relative: waitInWords(next.inSeconds),
  };
}

function automaticInWords(ordinal: number, { retry }: DeliveryPolicy, surveyRetryWaits: Waits): string {
  const waits = retry.kind === 'survey_waits' ? surveyRetryWaits : retry.seconds;
  const total = Math.max(waits.length + 1, ordinal);
  return `Next: automatic attempt ${ordinal} of ${total}`;
}

function resendView({ webhookId, isUnderWay, pauseReason }: LogEntry) {
  const reason = pauseReason ?? (isUnderWay ? UNDER_WAY : null);
  return { action: `/webhook-log/${webhookId}/redelivery`, allowed: reason === null, reason };
}
