import { Injectable, Logger } from '@nestjs/common';
import { DatabasePool } from '../database/database-pool.js';
import type { MadeAttempt } from './deliver.js';
import { noteTroubleStatement, type CircuitRow } from './note-trouble.sql.js';

/** Notes which webhooks fail, once their attempts are recorded: healthy ones cost nothing. */
@Injectable()
export class TroubleNotes {
  private readonly logger = new Logger('Delivery');

  constructor(private readonly database: DatabasePool) {}

  /**
   * What cannot be noted is left out: an attempt that is not counted here makes a circuit open one later, and is in the
   * log all the same.
   *
   * @param attempts recorded ones that failed, or whose webhook was in trouble before
   */
  async note(attempts: readonly MadeAttempt[]): Promise<void> {
    if (attempts.length === 0) {
      return;
    }
    const now = performance.now();
    try {
      const circuits = await this.database.run<CircuitRow>(noteTroubleStatement, [
        attempts.map(({ claim }) => claim.webhookId),
        attempts.map(({ claim }) => claim.organisationId),
        attempts.map(({ succeeded }) => succeeded),
        attempts.map(({ responseCode }) => responseCode),
        attempts.map(({ startedAt }) => now - startedAt),
      ]);
      circuits.forEach((row) => this.tell(row));
    } catch (error) {
      this.logger.warn(
        `What ${attempts.length} attempts say of their webhooks was not noted: ${(error as Error).message}`,
      );
    }
  }

  private tell({ circuit, webhook_id: id }: CircuitRow): void {
    if (circuit === 'opened') {
      this.logger.warn(`circuit.opened webhook=${id}: its deliveries wait while single calls are tried.`);
    } else {
      this.logger.log(`circuit.closed webhook=${id}: its receiver answers again.`);
    }
  }
}
