import type { LoggedWebhook } from './delivery-log.js';
import { filterNames, type FilterName, type LogFilters } from './log-filters.js';
import type { LoggedDelivery } from './logged-delivery.js';
import { listeningPostNames, numberInWords, statuses, waitsBriefly } from './words.js';

/** Seconds between two looks of the newest page at itself. */
const POLL_SECONDS = 4;

/** One screen of the log, and what lies on either side of it. */
export interface LogPage {
  deliveries: LoggedDelivery[];
  hasNewer: boolean;
  hasOlder: boolean;
}

/**
 * What views/webhook-log/index.hbs shows. The links keep to Webhook IDs, so that a page stays where it is; the newest
 * page alone brings itself up to date.
 */
export function logView(
  { deliveries, hasNewer, hasOlder }: LogPage,
  { typed, errors }: LogFilters,
  webhooks: readonly LoggedWebhook[],
) {
  const filters = filtersInWords(typed, webhooks);
  return {
    rows: deliveries.map(rowView),
    empty: deliveries.length === 0 && errors.length === 0,
    filters: formView(typed, webhooks),
    moreFilters: ['listeningPost', 'webhook', 'from', 'to'].some((name) => typed[name as FilterName] !== ''),
    filtersInWords: filters,
    errors,
    pollSeconds: hasNewer || errors.length > 0 ? null : POLL_SECONDS,
    address: hrefWith(typed, {}),
    newerHref: hasNewer ? hrefWith(typed, { after: deliveries[0]!.webhookId }) : null,
    olderHref: hasOlder ? hrefWith(typed, { before: deliveries.at(-1)!.webhookId }) : null,
  };
}

function rowView(delivery: LoggedDelivery) {
  const { row, webhookId, responseId } = delivery;
  return {
    webhookId,
    href: `/webhook-log/${webhookId}`,
    listeningPost: listeningPostNames[row.listening_post] ?? row.listening_post,
    webhookName: row.webhook_name,
    webhookDeleted: row.deleted,
    test: row.test,
    ticketId: row.ticket_id,
    responseId,
    lastActivity: row.last_activity_at,
    lastResponseCode: row.last_response_code,
    lastResponse: row.last_response,
    noResponseWords: noResponseWords(delivery),
    attempts: attemptsInWords(delivery),
    ...statuses[row.status],
    waitingReason: waitsBriefly(delivery.waitingReason),
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

function formView(typed: LogFilters['typed'], webhooks: readonly LoggedWebhook[]) {
  return {
    ...typed,
    statuses: options(
      typed.status,
      Object.entries(statuses).map(([value, { status }]) => [value, status]),
    ),
    listeningPosts: options(typed.listeningPost, Object.entries(listeningPostNames)),
    webhooks: options(
      typed.webhook,
      webhooks.map(({ id, name, deleted }) => [String(id), deleted ? `${name} (deleted)` : name]),
    ),
  };
}

/** What a select offers. */
export function options(chosen: string, all: readonly (readonly [value: string, label: string])[]) {
  return all.map(([value, label]) => ({ value, label, chosen: value === chosen }));
}

/** `Two filters are on: status Failed, from 2026-11-01.`; null without one. */
function filtersInWords(typed: LogFilters['typed'], webhooks: readonly LoggedWebhook[]): string | null {
  const words = filterNames.filter((name) => typed[name] !== '').map((name) => filterInWords(name, typed, webhooks));
  if (words.length === 0) {
    return null;
  }
  return `${numberInWords(words.length)} ${words.length === 1 ? 'filter is' : 'filters are'} on: ${words.join(', ')}.`;
}

function filterInWords(name: FilterName, typed: LogFilters['typed'], webhooks: readonly LoggedWebhook[]): string {
  const value = typed[name];
  const words: Readonly<Record<FilterName, () => string>> = {
    text: () => `“${value}”`,
    status: () => `status ${(statuses as Record<string, { status: string } | undefined>)[value]?.status ?? value}`,
    listeningPost: () => `listening post ${listeningPostNames[value] ?? value}`,
    webhook: () => `webhook ${webhooks.find(({ id }) => String(id) === value)?.name ?? value}`,
    from: () => `from ${value}`,
    to: () => `to ${value}`,
  };
  return words[name]();
}

/** A page of the log under the same filters. */
function hrefWith(typed: LogFilters['typed'], cursor: Record<string, string>): string {
  const set = filterNames.filter((name) => typed[name] !== '').map((name): [string, string] => [name, typed[name]]);
  const query = new URLSearchParams([...set, ...Object.entries(cursor)]).toString();
  return query === '' ? '/webhook-log' : `/webhook-log?${query}`;
}
