import { circuitReason, webhookPauseReason } from '../delivery/pause-reason.js';
import { webhookIdOf } from '../delivery/webhook-id.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { plural } from '../web/view-helpers.js';
import { momentIn, type MomentView } from '../web/moment.js';
import type { Webhook } from '../webhooks/webhook.entity.js';
import { LOOKED_AT, type WebhookHealthRow } from './webhook-health.sql.js';

/** A delivery that Preferences point to. */
interface Told {
  moment: MomentView;
  words: string | null;
  test: boolean;
  href: string;
}

/** How a webhook is doing, for the people who set it up. */
export interface HealthView {
  success: Told | null;
  failure: Told | null;
  /** Whether the last thing that happened was a failure. */
  failing: boolean;
  /** Where no delivery is of the kind that is asked for. */
  noneWords: string;
  due: string;
  nextDue: MomentView | null;
  waits: string | null;
  /** What is wrong with it for longer than an attempt; null when nothing is. */
  trouble: string | null;
}

export function healthView(row: WebhookHealthRow, webhook: Webhook, organisation: Organisation): HealthView {
  const zone = organisation.timeZone;
  const state = { enabled: webhook.enabled, deleted: false, plan: organisation.plan, test: false };
  const waits = webhookPauseReason(state) ?? circuitReason(row.circuit_failures);
  return {
    success: told(zone, row.success_id, row.success_at, row.success_test, null),
    failure: told(zone, row.failure_id, row.failure_at, row.failure_test, row.failure_words),
    failing: (row.failure_at?.getTime() ?? 0) > (row.success_at?.getTime() ?? 0),
    noneWords:
      row.looked_at < LOOKED_AT ? 'None yet' : `None among the last ${LOOKED_AT.toLocaleString('en')} deliveries`,
    due: dueInWords(row),
    nextDue: row.due > 0 && waits === null ? momentIn(zone, row.next_due_at) : null,
    waits: row.due > 0 ? waits : null,
    trouble: troubleInWords(row, zone),
  };
}

function told(
  zone: string,
  id: number | null,
  at: Date | null,
  test: boolean | null,
  words: string | null,
): Told | null {
  return id === null || at === null
    ? null
    : { moment: momentIn(zone, at), words, test: test === true, href: `/webhook-log/${webhookIdOf(id)}` };
}

/** A single failure is what the schedule is for. */
function troubleInWords(row: WebhookHealthRow, zone: string): string | null {
  const { failing_since: since, failures, gone_at: goneAt } = row;
  if (since === null || failures === null || (failures < 2 && goneAt === null)) {
    return null;
  }
  return [
    `The last ${plural(failures, 'attempt', 'attempts')} failed, the first of them on ${momentIn(zone, since).text}.`,
    ...(goneAt === null ? [] : ['Its receiver answered 410: it wants no more calls.']),
    ...(row.circuit_failures === null || row.due > 0 ? [] : ['Its circuit is open: single calls are tried.']),
  ].join(' ');
}

function dueInWords({ due, under_way: underWay }: WebhookHealthRow): string {
  if (due > LOOKED_AT) {
    return `More than ${LOOKED_AT.toLocaleString('en')} attempts`;
  }
  const parts = [
    ...(due > 0 ? [`${due.toLocaleString('en')} ${due === 1 ? 'attempt' : 'attempts'}`] : []),
    ...(underWay > 0 ? [`${underWay.toLocaleString('en')} under way`] : []),
  ];
  return parts.join(', ') || 'Nothing';
}
