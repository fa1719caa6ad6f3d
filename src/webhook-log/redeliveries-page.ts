import type { BulkKind, BulkRedelivery } from '../delivery/bulk-redelivery.entity.js';
import { momentIn } from '../web/moment.js';
import { plural } from '../web/view-helpers.js';
import { createdAtOf, HIGHEST_NUMBER } from './creation-time.js';
import type { LoggedWebhook } from './delivery-log.js';
import { options } from './log-page.js';
import { DEFAULT_PER_SECOND, MOST_PER_SECOND } from './redeliveries.schema.js';
import type { WantedForm } from './wanted-form.js';

/** Seconds between two looks of the page at itself, while something runs. */
const POLL_SECONDS = 2;

const kinds = {
  selection: 'Selected deliveries',
  failed: 'Everything that failed',
  missed: 'Everything missed while the webhook was off',
} as const;

const statuses = {
  running: { status: 'Running', statusKind: 'progress' },
  done: { status: 'Done', statusKind: 'ok' },
  cancelled: { status: 'Cancelled', statusKind: 'ended' },
} as const;

/** What views/redeliveries/index.hbs shows. `found`: how many the form asks for, once they were counted. */
export function redeliveriesView(
  { typed, errors }: WantedForm,
  found: number | null,
  bulks: readonly BulkRedelivery[],
  webhooks: readonly LoggedWebhook[],
  timeZone: string,
) {
  const isSelection = typed.kind === 'selection';
  const offered = isSelection ? Object.entries(kinds) : Object.entries(kinds).filter(([kind]) => kind !== 'selection');
  return {
    form: {
      ...typed,
      isSelection,
      perSecond: typed.perSecond || String(DEFAULT_PER_SECOND),
      most: MOST_PER_SECOND,
      kinds: options(typed.kind, offered),
      webhooks: options(
        typed.webhook,
        webhooks.filter(({ deleted }) => !deleted).map(({ id, name }) => [String(id), name]),
      ),
    },
    errors,
    counted: found === null ? null : countedView(typed.kind as BulkKind, found),
    rows: bulks.map((bulk) => rowView(bulk, webhooks, timeZone)),
    pollSeconds: bulks.some(({ status }) => status === 'running') ? POLL_SECONDS : null,
    address: '/redeliveries',
  };
}

function countedView(kind: BulkKind, found: number) {
  const isMissed = kind === 'missed';
  const what = isMissed ? plural(found, 'missed event', 'missed events') : plural(found, 'delivery', 'deliveries');
  return {
    none: found === 0,
    kind: kinds[kind],
    words: `${what} would be ${isMissed ? 'delivered' : 'sent again'}`,
    button: isMissed ? `Deliver ${what}` : `Send ${what} again`,
  };
}

function rowView(bulk: BulkRedelivery, webhooks: readonly LoggedWebhook[], timeZone: string) {
  const handled = bulk.redelivered + bulk.skipped;
  return {
    id: bulk.id,
    kind: kinds[bulk.kind],
    webhookName: webhooks.find(({ id }) => id === bulk.webhookId)?.name ?? null,
    range: rangeWords(bulk),
    ...statuses[bulk.status as keyof typeof statuses],
    isRunning: bulk.status === 'running',
    found: bulk.found,
    redelivered: bulk.redelivered,
    skipped: bulk.skipped,
    handled: Math.min(handled, bulk.found),
    perSecond: bulk.perSecond,
    requestedBy: bulk.requestedBy ?? 'API',
    began: momentIn(timeZone, bulk.createdAt),
    ended: momentIn(timeZone, bulk.endedAt),
  };
}

/** `from 2026-11-01, to 2026-11-02 (GMT)`; null for all of it. */
function rangeWords({ fromId, beforeId }: BulkRedelivery): string | null {
  const words = [
    ...(fromId === 0 ? [] : [`from ${minuteOf(fromId)}`]),
    ...(beforeId === HIGHEST_NUMBER ? [] : [`before ${minuteOf(beforeId)}`]),
  ];
  return words.length === 0 ? null : `${words.join(', ')} (GMT)`;
}

function minuteOf(id: number): string {
  return createdAtOf(id).toISOString().slice(0, 16).replace('T', ' ');
}
