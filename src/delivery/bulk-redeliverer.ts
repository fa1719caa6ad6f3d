import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Environment } from '../config/environment.js';
import { Outbox } from '../outbox/outbox.js';
import { RecordCatalogue } from '../records/record-catalogue.js';
import { lookForChosen } from './bulk-choice.js';
import { BulkRedelivery } from './bulk-redelivery.entity.js';
import { newDelivery } from './dispatch.js';
import { insertDeliveries } from './insert-deliveries.js';
import { redeliverAll } from './redeliver.js';

const STEP_MS = 1_000;
/** A step that finds nothing for so long leaves the rest to the next one, or its transaction would last. */
const LOOKS_A_STEP = 20;

/**
 * Makes bulk redeliveries, a step a second of each. A step takes the next deliveries and moves the cursor in one
 * transaction, in whichever process comes first: one that dies in it has done nothing, and none is done twice.
 */
@Injectable()
export class BulkRedeliverer implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Delivery');
  private stepping: Promise<void> | undefined;
  private stopping = false;

  constructor(
    private readonly em: EntityManager,
    private readonly outbox: Outbox,
    private readonly records: RecordCatalogue,
    private readonly environment: Environment,
  ) {}

  @Interval(STEP_MS)
  stepWhenDelivering(): void {
    if (this.environment.roles.delivery && !this.stopping) {
      this.stepping ??= this.stepAll()
        .catch((error: Error) => this.logger.error(`A bulk redelivery is tried again: ${error.message}`))
        .finally(() => (this.stepping = undefined));
    }
  }

  /** The database is there until the step that is under way has ended. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.stepping;
  }

  /** Makes a step of each that had none in this second. */
  async stepAll(): Promise<void> {
    while (!this.stopping && (await this.isAnyDue()) && (await this.step())) {
      // The next one.
    }
  }

  /** Asked outside a transaction, because mostly there is none. */
  private async isAnyDue(): Promise<boolean> {
    return (await this.em.fork().execute<unknown[]>(`${dueSql} limit 1`)).length > 0;
  }

  private async step(): Promise<boolean> {
    return this.outbox.transactional(this.em.fork(), async (em) => {
      const [due] = await em.execute<{ id: string }[]>(
        `${dueSql} order by stepped_at nulls first limit 1 for update skip locked`,
      );
      if (!due) {
        return false;
      }
      const bulk = await em.findOneOrFail(BulkRedelivery, Number(due.id));
      await this.makeNext(em, bulk);
      return true;
    });
  }

  private async makeNext(em: EntityManager, bulk: BulkRedelivery): Promise<void> {
    let { doneId } = bulk;
    let isEnd = false;
    let taken = 0;
    let redelivered = 0;
    for (let looks = 0; !isEnd && taken < bulk.perSecond && looks < LOOKS_A_STEP; looks += 1) {
      const part = await lookForChosen(em, bulk, doneId, bulk.perSecond - taken);
      const events = part.events.map((event) => newDelivery(this.records, event, bulk.webhookId!));
      redelivered += (await insertDeliveries(em, events)).length;
      redelivered += [...(await redeliverAll(em, bulk.organisationId, part.deliveryIds)).values()].filter(
        ({ kind }) => kind === 'due',
      ).length;
      taken += part.deliveryIds.length + part.events.length;
      ({ doneId, isEnd } = part);
    }
    await em.execute(
      `update bulk_redelivery
          set done_id = ?, redelivered = redelivered + ?, skipped = skipped + ?, stepped_at = clock_timestamp(),
              status = case when ? then 'done' else status end,
              ended_at = case when ? then clock_timestamp() end
        where id = ?`,
      [doneId, redelivered, taken - redelivered, isEnd, isEnd, bulk.id],
    );
  }
}

/** By the database's clock, as everything that is due. */
const dueSql = `
select id from bulk_redelivery
 where status = 'running'
   and (stepped_at is null or stepped_at <= clock_timestamp() - interval '${STEP_MS * 0.9} milliseconds')`;
