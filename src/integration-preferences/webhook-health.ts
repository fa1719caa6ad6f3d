import { webhookPauseReason } from '../delivery/pause-reason.js';
import { webhookIdOf } from '../delivery/webhook-id.js';
import type { Organisation } from '../accounts/organisation.entity.js';
import { momentIn, type MomentView } from '../web/moment.js';
import type { Webhook } from '../webhooks/webhook.entity.js';
import { LOOKED_AT, type TestDeliveryRow, type WebhookHealthRow } from './webhook-health.sql.js';

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
}

export function healthView(row: WebhookHealthRow, webhook: Webhook, organisation: Organisation): HealthView {
  const zone = organisation.timeZone;
  const waits = webhookPauseReason({ enabled: webhook.enabled, deleted: false, plan: organisation.plan, test: false });
  return {
    success: told(zone, row.success_id, row.success_at, row.success_test, null),
    failure: told(zone, row.failure_id, row.failure_at, row.failure_test, row.failure_words),
    failing: (row.failure_at?.getTime() ?? 0) > (row.success_at?.getTime() ?? 0),
    noneWords:
      row.looked_at < LOOKED_AT ? 'None yet' : `None among the last ${LOOKED_AT.toLocaleString('en')} deliveries`,
    due: dueInWords(row),
    nextDue: row.due > 0 && waits === null ? momentIn(zone, row.next_due_at) : null,
    waits: row.due > 0 ? waits : null,
  };
}

/** What came of a test, once it is there. */
export interface TestView {
  webhookId: string;
  href: string;
  /** Nothing has come of it yet, or another attempt is about to be made: look again. */
  pending: boolean;
  statusKind: 'ok' | 'bad' | 'progress';
  words: string;
  moment: MomentView | null;
  nextDue: MomentView | null;
}

/** Another attempt that comes this soon is worth waiting for. */
const SOON_MS = 30_000;

export function testView(row: TestDeliveryRow, timeZone: string, now = Date.now()): TestView {
  const webhookId = webhookIdOf(row.id);
  const isSoon = row.next_due_at !== null && row.next_due_at.getTime() < now + SOON_MS;
  return {
    webhookId,
    href: `/webhook-log/${webhookId}`,
    pending: row.status === 'in_progress' && (row.under_way === true || isSoon),
    statusKind: row.message === null ? 'progress' : row.succeeded ? 'ok' : 'bad',
    words: row.message ?? 'The test is on its way.',
    moment: momentIn(timeZone, row.last_activity_at),
    nextDue: row.message === null || row.under_way ? null : momentIn(timeZone, row.next_due_at),
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
