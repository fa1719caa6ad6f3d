import { Injectable, Logger } from '@nestjs/common';
import { UnderWay } from '../outbound/under-way.js';
import { Traces } from '../web/traces.js';
import { LATEST_BEGIN_MS, type Claim } from './claim.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { Deliverer, type MadeAttempt } from './deliver.js';
import { Pace, type Allowed } from './pace.js';
import { attemptHappening } from './attempt-happening.js';
import type { PreparedDelivery } from './prepare.js';
import { AttemptRecorder } from './record-attempt.js';

/** Calls that one process has under way at the most, until they are recorded. */
const SLOTS = 512;
/** What their replies may take of the memory. Where the last ones were long, fewer are under way: 128 if all are 64 KiB. */
const BYTES_OF_REPLIES = 8 * 1024 * 1024;
/** So many of the last replies, more or less, say how long the next ones will be. */
const LAST_REPLIES = 64;
/** Prepared deliveries that wait for a slot, so that a slot that falls free never waits for the database. */
const AHEAD = 256;
/** Whoever waited longer is handed back: the lease has to outlive the deadline of the call, and its recording. */
const LONGEST_WAIT_MS = 5_000;

/** @param mayBeDueAgain whether there may be attempts that were not due, or waited, before it ended */
type CallListener = (mayBeDueAgain: boolean) => void;

/**
 * The calls of this process: those under way, and behind them what is prepared and waits for its turn, or is being prepared.
 * A call that ends lets the next one begin at once, whatever the database does at that moment.
 */
@Injectable()
export class Calls {
  private readonly logger = new Logger('Delivery');
  private readonly underWay = new UnderWay();
  private readonly pace = new Pace();
  private waiting: PreparedDelivery[] = [];
  private expected = 0;
  private averageReplyBytes = 0;
  private isStuck = false;
  private listener: CallListener = () => undefined;

  constructor(
    private readonly deliverer: Deliverer,
    private readonly recorder: AttemptRecorder,
    private readonly traces: Traces,
    metrics: DeliveryMetrics,
  ) {
    metrics.gauge('answerback_calls_under_way', 'Calls that this process has under way.', () => this.underWay.count);
    metrics.gauge(
      'answerback_calls_waiting',
      'Prepared deliveries that wait for a call to end.',
      () => this.waiting.length,
    );
  }

  /** Deliveries that it holds, under way or waiting, and those that are being prepared for it. */
  get held(): number {
    return this.underWay.count + this.waiting.length + this.expected;
  }

  /** How many more it takes. While no slot falls free, nothing is taken in advance of one. */
  get room(): number {
    return this.slots + (this.isStuck ? 0 : AHEAD) - this.held;
  }

  /** @param listener told each time that a call has ended and was recorded */
  onEnd(listener: CallListener): void {
    this.listener = listener;
  }

  /** These were claimed and are being prepared: `add` or `dismiss` follows. */
  expect(claims: readonly Claim[]): void {
    this.expected += claims.length;
    for (const { webhookId } of claims) {
      this.pace.took(webhookId);
    }
  }

  add(prepared: readonly PreparedDelivery[]): void {
    this.expected -= prepared.length;
    this.waiting.push(...prepared);
    this.begin();
  }

  /** These will not be called. */
  dismiss(claims: readonly Claim[]): void {
    this.expected -= claims.length;
    for (const { webhookId } of claims) {
      this.pace.gaveBack(webhookId);
    }
  }

  /** How many more calls each webhook may have, from what this process holds and saw of them. */
  get allowed(): Allowed {
    return this.pace.allowed();
  }

  /** Takes out what has waited too long to begin. */
  takeLate(): Claim[] {
    const before = performance.now() - LONGEST_WAIT_MS;
    const late = this.waiting.filter(({ claim }) => claim.leasedAt < before);
    if (late.length > 0) {
      this.isStuck = true;
      this.waiting = this.waiting.filter(({ claim }) => claim.leasedAt >= before);
    }
    return this.without(late);
  }

  /** Takes out all that has not begun; what is under way goes on. */
  takeWaiting(): Claim[] {
    return this.without(this.waiting.splice(0));
  }

  /** Resolves when everything that was under way has ended, by itself or by its deadline. */
  async ended(): Promise<void> {
    await this.underWay.allEnded();
  }

  private get slots(): number {
    return Math.min(SLOTS, Math.floor(BYTES_OF_REPLIES / Math.max(this.averageReplyBytes, 1)));
  }

  private noteReply({ exchanges }: MadeAttempt): void {
    const bytes = exchanges.reduce((sum, { replyBody }) => sum + replyBody.length, 0);
    this.averageReplyBytes += (bytes - this.averageReplyBytes) / LAST_REPLIES;
  }

  private without(deliveries: readonly PreparedDelivery[]): Claim[] {
    for (const { claim } of deliveries) {
      this.pace.gaveBack(claim.webhookId);
    }
    return deliveries.map(({ claim }) => claim);
  }

  /** The oldest stand first. Those whose leases might end before their calls are recorded stay for `takeLate`. */
  private begin(): void {
    const before = performance.now() - LATEST_BEGIN_MS;
    const first = this.waiting.findIndex(({ claim }) => claim.leasedAt >= before);
    if (first !== -1) {
      for (const delivery of this.waiting.splice(first, Math.max(this.slots - this.underWay.count, 0))) {
        void this.make(delivery);
      }
    }
  }

  /** Makes one call, and lets the next begin. Never rejects. */
  private async make(delivery: PreparedDelivery): Promise<void> {
    this.underWay.began();
    let wasAnswered = false;
    let mayBeDueAgain = true;
    try {
      const attempt = await this.deliverer.deliver(delivery);
      wasAnswered = attempt.responseCode !== null;
      this.noteReply(attempt);
      if (delivery.traceparent !== null) {
        this.traces.tell(attemptHappening(delivery, attempt, delivery.traceparent));
      }
      const { wasInTrouble } = await this.recorder.record(attempt, this.underWay.count);
      // Another attempt of its delivery, the automatic one that was paused, or what waited until its webhook's trouble was over.
      mayBeDueAgain = wasInTrouble || !attempt.succeeded;
    } catch (error) {
      this.logger.error(`An attempt ended in a fault of ours: ${(error as Error).stack}`);
    }
    this.pace.ended(delivery.claim.webhookId, wasAnswered);
    this.underWay.ended();
    this.isStuck = false;
    this.begin();
    this.listener(mayBeDueAgain);
  }
}
