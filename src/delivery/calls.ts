import { Injectable, Logger } from '@nestjs/common';
import { Traces } from '../web/traces.js';
import { LATEST_BEGIN_MS, type Claim } from './claim.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { Deliverer } from './deliver.js';
import { Pace, type Allowed } from './pace.js';
import { attemptHappening } from './attempt-happening.js';
import type { PreparedDelivery } from './prepare.js';
import { AttemptRecorder } from './record-attempt.js';

/** Calls that one process has under way at the most, until they are recorded. */
const SLOTS = 512;
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
  private readonly underWay = new Set<Promise<void>>();
  private readonly pace = new Pace();
  private waiting: PreparedDelivery[] = [];
  private expected = 0;
  private isStuck = false;
  private listener: CallListener = () => undefined;

  constructor(
    private readonly deliverer: Deliverer,
    private readonly recorder: AttemptRecorder,
    private readonly traces: Traces,
    metrics: DeliveryMetrics,
  ) {
    metrics.gauge('answerback_calls_under_way', 'Calls that this process has under way.', () => this.underWay.size);
    metrics.gauge(
      'answerback_calls_waiting',
      'Prepared deliveries that wait for a call to end.',
      () => this.waiting.length,
    );
  }

  /** Deliveries that it holds, under way or waiting, and those that are being prepared for it. */
  get held(): number {
    return this.underWay.size + this.waiting.length + this.expected;
  }

  /** How many more it takes. While no slot falls free, nothing is taken in advance of one. */
  get room(): number {
    return SLOTS + (this.isStuck ? 0 : AHEAD) - this.held;
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
    await Promise.all(this.underWay);
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
      for (const delivery of this.waiting.splice(first, SLOTS - this.underWay.size)) {
        this.start(delivery);
      }
    }
  }

  private start(delivery: PreparedDelivery): void {
    const call: Promise<void> = this.make(delivery)
      .catch((error: Error) => {
        this.logger.error(`An attempt ended in a fault of ours: ${error.stack}`);
        return true;
      })
      .then((mayBeDueAgain) => this.over(call, mayBeDueAgain));
    this.underWay.add(call);
  }

  private over(call: Promise<void>, mayBeDueAgain: boolean): void {
    this.underWay.delete(call);
    this.isStuck = false;
    this.begin();
    this.listener(mayBeDueAgain);
  }

  /**
   * Answers whether there may be something due at once: another attempt of its delivery, the automatic one that was paused, or
   * what waited until its webhook's trouble was over.
   */
  private async make(delivery: PreparedDelivery): Promise<boolean> {
    let wasAnswered = false;
    try {
      const attempt = await this.deliverer.deliver(delivery);
      wasAnswered = attempt.responseCode !== null;
      if (delivery.traceparent !== null) {
        this.traces.tell(attemptHappening(delivery, attempt, delivery.traceparent));
      }
      const { wasInTrouble } = await this.recorder.record(attempt, this.underWay.size);
      return wasInTrouble || !attempt.succeeded;
    } finally {
      this.pace.ended(delivery.claim.webhookId, wasAnswered);
    }
  }
}
