import type { LoggedDelivery } from './logged-delivery.js';
import { listeningPostNames, statuses, waitsBecause } from './words.js';

/** One screen of the log, and what lies on either side of it. */
export interface LogPage {
  deliveries: LoggedDelivery[];
  hasNewer: boolean;
  hasOlder: boolean;
}

/** What views/webhook-log/index.hbs shows. The links keep to Webhook IDs, so that a page stays where it is. */
export function logView({ deliveries, hasNewer, hasOlder }: LogPage) {
  return {
    empty: deliveries.length === 0,
    rows: deliveries.map(rowView),
    newerHref: hasNewer ? `/webhook-log?after=${deliveries[0]!.webhookId}` : null,
    olderHref: hasOlder ? `/webhook-log?before=${deliveries.at(-1)!.webhookId}` : null,
  };
}

function rowView(delivery: LoggedDelivery) {
  const { row, webhookId } = delivery;
  return {
    webhookId,
    href: `/webhook-log/${webhookId}`,
    listeningPost: listeningPostNames[row.listening_post] ?? row.listening_post,
    test: row.test,
    ticketId: row.ticket_id,
    lastActivity: row.last_activity_at,
    lastResponseCode: row.last_response_code,
    lastResponse: row.last_response,
    noResponseWords: noResponseWords(delivery),
    attempts: attemptsInWords(delivery),
    ...statuses[row.status],
    waitingReason: waitsBecause(delivery.waitingReason),
  };
}

/** Why there is nothing to show of a reply. */
function noResponseWords(delivery: LoggedDelivery): string {
  if (delivery.hasReply) {
    return 'The reply had no body.';
  }
  return delivery.lastOutcomeSentence ?? 'Not called yet';
}

/** `5 + 1 manual`: the schedule's attempts first, then those beside it. */
function attemptsInWords({ row }: LoggedDelivery): string {
  const beside = [
    [row.manual_attempts, 'manual'],
    [row.interrupted_attempts, 'interrupted'],
  ] as const;
  const more = beside.filter(([count]) => count > 0).map(([count, kind]) => ` + ${count} ${kind}`);
  return `${row.automatic_attempts}${more.join('')}`;
}
