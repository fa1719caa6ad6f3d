import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { DatabasePool } from '../database/database-pool.js';
import { Metrics } from '../web/metrics.js';
import type { AttemptOutcome } from './attempt-outcome.js';
import { queueStatement, type QueueRow } from './queue.sql.js';

/** Several gauges, and several who ask, share one look into the database. */
const FRESH_MS = 5_000;

const gauges: Readonly<Record<keyof QueueRow, { name: string; help: string }>> = {
  due: { name: 'answerback_due_attempts', help: 'Attempts that are due and nobody has taken, of all processes.' },
  oldest_due: {
    name: 'answerback_oldest_due_seconds',
    help: 'How long the attempt that is due the longest has been due.',
  },
  claimed: { name: 'answerback_claimed_attempts', help: 'Attempts that processes have claimed, of all processes.' },
  events: { name: 'answerback_pending_events', help: 'Events that were not dispatched yet.' },
  event_lag: { name: 'answerback_event_lag_seconds', help: 'How long ago the oldest of them happened.' },
};

/** What the delivery counts and measures. The queue's gauges are the same whichever process is asked. */
@Injectable()
export class DeliveryMetrics {
  private readonly attempts: Counter<'outcome'>;
  private readonly seconds: Histogram;
  private readonly expiries: Counter;
  private readonly pruned: Counter;
  private queue: { row: Promise<QueueRow>; readAt: number } | undefined;

  constructor(
    private readonly metrics: Metrics,
    private readonly database: DatabasePool,
  ) {
    const registers = [metrics.registry];
    this.attempts = new Counter({
      name: 'answerback_attempts_total',
      help: 'Attempts that this process made and recorded, by what came of them.',
      labelNames: ['outcome'],
      registers,
    });
    this.seconds = new Histogram({
      name: 'answerback_attempt_duration_seconds',
      help: 'How long attempts took, from the beginning of the call to the end of the reply.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30],
      registers,
    });
    this.expiries = new Counter({
      name: 'answerback_lease_expiries_total',
      help: 'Claims of other processes, or lost ones of this, that this process took back.',
      registers,
    });
    this.pruned = new Counter({
      name: 'answerback_pruned_partitions_total',
      help: 'Partitions of old months that this process dropped.',
      registers,
    });
    this.makeQueueGauges();
  }

  recorded(outcome: AttemptOutcome, durationMs: number): void {
    this.attempts.inc({ outcome });
    this.seconds.observe(durationMs / 1_000);
  }

  leasesExpired(count: number): void {
    this.expiries.inc(count);
  }

  partitionsPruned(count: number): void {
    this.pruned.inc(count);
  }

  /** @param read asked each time that somebody wants to know */
  gauge(name: string, help: string, read: () => number): void {
    const collect = function (this: Gauge): void {
      this.set(read());
    };
    void new Gauge({ name, help, registers: [this.metrics.registry], collect });
  }

  private makeQueueGauges(): void {
    for (const [key, { name, help }] of Object.entries(gauges)) {
      const read = async () => (await this.readQueue())[key as keyof QueueRow];
      const collect = async function (this: Gauge): Promise<void> {
        // Without a database there is no figure, and all the others are wanted the more.
        this.set(await read().catch(() => Number.NaN));
      };
      void new Gauge({ name, help, registers: [this.metrics.registry], collect });
    }
  }

  private readQueue(): Promise<QueueRow> {
    if (!this.queue || performance.now() - this.queue.readAt > FRESH_MS) {
      const row = this.database.run<QueueRow>(queueStatement).then((rows) => rows[0]!);
      this.queue = { row, readAt: performance.now() };
    }
    return this.queue.row;
  }
}
