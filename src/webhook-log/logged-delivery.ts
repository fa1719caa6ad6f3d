import { outcomeSentences } from '../delivery/attempt-outcome.js';
import { circuitReason, webhookPauseReason } from '../delivery/pause-reason.js';
import { webhookIdOf } from '../delivery/webhook-id.js';
import { maskCredentials, maskUrl } from '../web/mask-credentials.js';
import type { DeliveryPolicy } from '../webhooks/webhook-definition.js';
import type { SentenceSubject } from '../webhooks/webhook-sentence.js';
import { createdAtOf } from './creation-time.js';
import type { AttemptRow, EntryRow, LoggedDeliveryRow } from './logged-delivery.sql.js';

const RESPONSE = 'response';

export interface NextAttempt {
  kind: 'automatic' | 'manual';
  /** Automatic attempts made so far; of an automatic one only. */
  spent: number;
  dueAt: Date;
  /** Seconds from now, by the database's clock; negative when it is due already. */
  inSeconds: number;
}

/** A delivery as the log tells of it. */
export class LoggedDelivery {
  readonly webhookId: string;
  readonly createdAt: Date;
  /** The next attempt that nobody has begun. */
  readonly next: NextAttempt | null;
  /** Why its webhook makes no calls at the moment; null when it does. */
  readonly pauseReason: string | null;

  constructor(
    readonly row: LoggedDeliveryRow,
    plan: string,
  ) {
    this.webhookId = webhookIdOf(row.id);
    this.createdAt = createdAtOf(row.id);
    this.next = nextAttemptOf(row);
    this.pauseReason = webhookPauseReason({ ...row, plan });
  }

  /** Null for a test, which is about no response. */
  get responseId(): number | null {
    return this.row.record_type === RESPONSE && this.row.record_id > 0 ? this.row.record_id : null;
  }

  /** Why what is due waits; null when nothing is due, or nothing stands in its way. */
  get waitingReason(): string | null {
    return this.next === null ? null : (this.pauseReason ?? this.circuitReason);
  }

  /** An open circuit holds back neither tests nor what a person asked for. */
  private get circuitReason(): string | null {
    return this.row.test || this.next?.kind === 'manual' ? null : circuitReason(this.row.circuit_failures);
  }

  /** A call is being made, or about to be: Resend is refused meanwhile. */
  get isUnderWay(): boolean {
    return this.row.under_way || this.next?.kind === 'manual';
  }

  get hasReply(): boolean {
    return this.row.last_response_code !== null;
  }

  /** What came of the last attempt, as a plain sentence; null before the first one. */
  get lastOutcomeSentence(): string | null {
    const outcome = this.row.last_outcome;
    return outcome === null ? null : outcomeSentences[outcome];
  }
}

/** A delivery with all that was sent and answered. */
export class LogEntry extends LoggedDelivery {
  /** Exactly as sent; null before it was made for the first time. */
  readonly payload: string | null;
  readonly attempts: readonly AttemptRow[];
  readonly policy: DeliveryPolicy;
  /** What the webhook does, as it is set now. */
  readonly webhook: SentenceSubject;

  constructor(row: EntryRow, plan: string) {
    super(row, plan);
    this.payload = row.payload;
    this.attempts = row.attempts.map(masked);
    this.policy = row.policy;
    this.webhook = row;
  }
}

/** What is recorded is masked already. This is for what was recorded before a name was known to be secret. */
function masked(attempt: AttemptRow): AttemptRow {
  const exchanges = attempt.exchanges.map((exchange) => ({
    ...exchange,
    url: maskUrl(exchange.url),
    requestHeaders: maskCredentials(exchange.requestHeaders),
    replyHeaders: maskCredentials(exchange.replyHeaders),
  }));
  return { ...attempt, exchanges };
}

function nextAttemptOf(row: LoggedDeliveryRow): NextAttempt | null {
  return row.next_kind === null
    ? null
    : { kind: row.next_kind, spent: row.next_spent!, dueAt: row.next_due_at!, inSeconds: row.next_in_seconds! };
}
