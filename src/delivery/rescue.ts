import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { DatabasePool } from '../database/database-pool.js';
import { outcomeSentences } from './attempt-outcome.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { rescueStatement, takeOverStatement, type RescuedRow } from './rescue.sql.js';
import { webhookIdOf } from './webhook-id.js';

const PAUSE_MS = 1_000;
/**
 * From when claims are taken over until the next statement, which locks them for as long as it lasts: whoever dies between
 * the two must not keep them for another lease.
 */
const SECONDS_TO_RESCUE = 4;

/** Looks for claims of dead workers, once a second at the most. */
@Injectable()
export class Rescuer {
  private readonly logger = new Logger('Delivery');
  private lastAt = -Infinity;

  constructor(
    private readonly database: DatabasePool,
    private readonly metrics: DeliveryMetrics,
  ) {}

  /** Answers whether something is due again. */
  async rescueWhenDue(): Promise<boolean> {
    if (performance.now() - this.lastAt < PAUSE_MS) {
      return false;
    }
    const rescued = await this.rescue();
    this.lastAt = performance.now();
    return rescued.length > 0;
  }

  async rescue(): Promise<RescuedRow[]> {
    const claimId = randomUUID();
    const stale = await this.database.run<{ delivery_id: number }>(takeOverStatement, [claimId, SECONDS_TO_RESCUE]);
    if (stale.length === 0) {
      return [];
    }
    const rescued = await this.database.run<RescuedRow>(rescueStatement, [
      outcomeSentences.interrupted,
      claimId,
      [...new Set(stale.map((row) => row.delivery_id))],
    ]);
    for (const row of rescued) {
      this.logger.warn(
        `delivery.interrupted webhookId=${webhookIdOf(row.delivery_id)} number=${row.number} kind=${row.kind} ` +
          `inARow=${row.interruptions}`,
      );
    }
    this.metrics.leasesExpired(rescued.length);
    return rescued;
  }
}
