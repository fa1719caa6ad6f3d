import { Injectable, Logger } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
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

/**
 * Prunes deliveries, with their requests and events, and the bodies of replies, which are kept for less
 * long: each a whole month at a time, once all of it is old enough. What is still due stays, and all of its
 * month with it.
 */
@Injectable()
export class Retention {
  private readonly logger = new Logger(Retention.name);

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

  /** Answers the partitions it dropped. What fails is tried again an hour later. */
  async prune(): Promise<string[]> {
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

  /** The oldest partition that may go; null when there is none. */
  private async drop(table: string, days: number): Promise<string | null> {
    const { rows } = await this.database.query<{ dropped: string | null }>(
      'select drop_old_partition($1, make_interval(days => $2)) as dropped',
      [table, days],
    );
    return rows[0]!.dropped;
  }
}
