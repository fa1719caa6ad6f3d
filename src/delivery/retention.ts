import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { setTimeout as sleep } from 'node:timers/promises';
import { Environment } from '../config/environment.js';
import { DatabasePool } from '../database/database-pool.js';
import { DeliveryMetrics } from './delivery-metrics.js';

/** Replies first: they go soonest. Events last: deliveries are about them. */
const WITH_DELIVERIES = [
  'unsuccessful_delivery',
  'delivery',
  'delivery_event',
  'delivery_request',
  'attempt',
  'exchange',
  'event',
];

/** To give the files of a full month back to the disk keeps a processor busy; for so many times as long it is left alone. */
const RESTS_A_DROP = 9;

/**
 * Prunes deliveries, with their requests and events, and the bodies of replies, which are kept for less
 * long: each a whole month at a time, once all of it is old enough. What is still due stays, and all of its
 * month with it. Deliveries are made meanwhile, so it takes a tenth of the time for itself.
 */
@Injectable()
export class Retention implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Retention.name);
  private readonly stopping = new AbortController();
  private pruning: Promise<string[]> | undefined;

  constructor(
    private readonly database: DatabasePool,
    private readonly environment: Environment,
    private readonly metrics: DeliveryMetrics,
  ) {}

  @Cron(CronExpression.EVERY_HOUR)
  async pruneWhenDelivering(): Promise<void> {
    if (this.environment.roles.delivery) {
      await this.prune();
    }
  }

  /** The database is there until the drop that is under way has ended. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.pruning;
  }

  /** Answers the partitions it dropped. What fails is tried again an hour later. */
  prune(): Promise<string[]> {
    this.pruning ??= this.pruneTables().finally(() => (this.pruning = undefined));
    return this.pruning;
  }

  private async pruneTables(): Promise<string[]> {
    const { replyRetentionDays, deliveryRetentionDays } = this.environment;
    const dropped = [
      ...(await this.pruneTable('reply_body', Math.min(replyRetentionDays, deliveryRetentionDays))),
      ...(await this.pruneAll(WITH_DELIVERIES, deliveryRetentionDays)),
    ];
    this.metrics.partitionsPruned(dropped.length);
    if (dropped.length > 0) {
      this.logger.log(`Pruned ${dropped.join(', ')}.`);
    }
    return dropped;
  }

  private async pruneAll(tables: readonly string[], days: number): Promise<string[]> {
    const dropped: string[] = [];
    for (const table of tables) {
      dropped.push(...(await this.pruneTable(table, days)));
    }
    return dropped;
  }

  private async pruneTable(table: string, days: number): Promise<string[]> {
    const dropped: string[] = [];
    try {
      for (let next = await this.drop(table, days); next !== null; next = await this.drop(table, days)) {
        dropped.push(next);
      }
    } catch (error) {
      this.logger.warn(`${table} could not be pruned, and is tried again in an hour: ${(error as Error).message}`);
    }
    return dropped;
  }

  /** The oldest partition that may go; null when there is none, or no time for it any more. */
  private async drop(table: string, days: number): Promise<string | null> {
    if (this.stopping.signal.aborted) {
      return null;
    }
    const startedAt = performance.now();
    const { rows } = await this.database.query<{ dropped: string | null }>(
      'select drop_old_partition($1, make_interval(days => $2)) as dropped',
      [table, days],
    );
    const { dropped } = rows[0]!;
    if (dropped !== null) {
      await this.rest((performance.now() - startedAt) * RESTS_A_DROP);
    }
    return dropped;
  }

  private async rest(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
