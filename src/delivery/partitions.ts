import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron, CronExpression } from '@nestjs/schedule';
import { DatabasePool } from '../database/database-pool.js';

const MONTHS_AHEAD = 12;
/** With fewer, whoever operates this has to act: without a partition, nothing can be written. */
const TOO_FEW_MONTHS = 3;

/** Makes the monthly partitions of events and deliveries a year ahead. */
@Injectable()
export class Partitions implements OnApplicationBootstrap {
  private readonly logger = new Logger(Partitions.name);

  constructor(private readonly database: DatabasePool) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.makeAhead();
  }

  /** For the health check: what is wrong, or null. */
  async problem(): Promise<string | null> {
    const { rows } = await this.database.query<{ months: number }>('select months_ahead() as months');
    const { months } = rows[0]!;
    return months < TOO_FEW_MONTHS
      ? `There are partitions for ${months} months ahead only; the log says why no more could be made.`
      : null;
  }

  @Cron(CronExpression.EVERY_DAY_AT_3AM)
  async makeAhead(): Promise<void> {
    try {
      const { rows } = await this.database.query<{ made: number }>('select create_month_partitions($1) as made', [
        MONTHS_AHEAD,
      ]);
      if (rows[0]!.made > 0) {
        this.logger.log(`Made ${rows[0]!.made} monthly partitions.`);
      }
    } catch (error) {
      this.logger.error(`Monthly partitions could not be made: ${(error as Error).message}`);
    }
  }
}
