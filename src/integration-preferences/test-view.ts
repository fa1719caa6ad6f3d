import { webhookIdOf } from '../delivery/webhook-id.js';
import { momentIn, type MomentView } from '../web/moment.js';
import type { TestDeliveryRow } from './test-delivery.sql.js';

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
