import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { plainArray, textArray } from '../database/array-parameters.js';
import { DatabasePool } from '../database/database-pool.js';
import type { Exchange } from '../outbound/guarded-client.js';
import type { MadeAttempt } from './deliver.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { TroubleNotes } from './note-trouble.js';
import { recordStatement, type RecordedRow } from './record-attempt.sql.js';
import { storableText } from '../database/storable-text.js';
import { maskCredentials, maskUrl } from '../web/mask-credentials.js';
import { errorCode } from '../database/system-error.js';
import { webhookIdOf } from './webhook-id.js';

const ATTEMPTS_A_STATEMENT = 250;
/** Of replies: what a statement holds is in memory three times on its way to PostgreSQL. */
const BYTES_A_STATEMENT = 2 * 1024 * 1024;
/** Under load, results wait so long for others: what a statement costs beside its rows is worth some fifty of them. */
const GATHER_MS = 10;
/** It is load where so many had come together for the last statement. */
const MANY = 32;
/** So many need not wait for more. */
const ENOUGH = 200;
const LIST_CHARACTERS = 100;
const RETRY_MS = [50, 200, 1_000, 2_000];
/** After its lease, an attempt may still be found unclaimed by others: they had no database either. */
const LATEST_AFTER_LEASE_MS = 10_000;

const NONE: ReadonlySet<number> = new Set();

interface Waiting {
  attempt: MadeAttempt;
  done: (recorded: Recorded) => void;
}

export interface Recorded {
  /** The last attempts of its webhook, before this one, had failed. */
  wasInTrouble: boolean;
}

/**
 * Records what calls came to. While one statement runs, the outcomes that come in wait and share the
 * next one: no delay at rest, large batches under load, where they also wait a little for calls that
 * are about to end. When the database is away, each is tried again until its lease is well over; then
 * the rescue logs the attempt as interrupted. Where the database refuses what one of them holds (a bug
 * of ours), the others are recorded without it.
 */
@Injectable()
export class AttemptRecorder {
  private readonly logger = new Logger('Delivery');
  private waiting: Waiting[] = [];
  private running = false;
  private lastSize = 0;
  private underWay = 0;

  constructor(
    private readonly database: DatabasePool,
    private readonly metrics: DeliveryMetrics,
    private readonly trouble: TroubleNotes,
  ) {}

  /**
   * Resolves when the attempt is recorded, or when there is no use in trying any more.
   *
   * @param underWay calls of this process, those among them that have ended and are not recorded
   */
  record(attempt: MadeAttempt, underWay = 1): Promise<Recorded> {
    this.underWay = underWay;
    return new Promise((done) => {
      this.waiting.push({ attempt, done });
      if (!this.running) {
        void this.drain();
      }
    });
  }

  private async drain(): Promise<void> {
    this.running = true;
    // Calls that ended in the same tick share the statement.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      if (this.areMoreWorthWaiting) {
        await sleep(GATHER_MS);
      }
      const batch = this.waiting.splice(0, fitting(this.waiting));
      this.lastSize = batch.length;
      const inTrouble = await this.write(batch.map((entry) => entry.attempt));
      for (const { attempt, done } of batch) {
        done({ wasInTrouble: inTrouble.has(attempt.claim.deliveryId) });
      }
    }
    this.running = false;
  }

  /** While none is being written. */
  private get areMoreWorthWaiting(): boolean {
    const stillCalling = this.underWay - this.waiting.length;
    return this.lastSize >= MANY && this.waiting.length < Math.min(ENOUGH, stillCalling);
  }

  /** Answers the deliveries whose webhooks were in trouble before. */
  private async write(attempts: readonly MadeAttempt[]): Promise<ReadonlySet<number>> {
    let left = attempts;
    for (let tries = 0; left.length > 0; tries += 1) {
      try {
        const [row] = await this.database.run<RecordedRow>(recordStatement, parameters(left));
        const recorded = numbersOf(row!.recorded);
        const inTrouble = numbersOf(row!.in_trouble);
        this.tell(left, recorded);
        await this.trouble.note(
          left.filter(({ claim, succeeded }) => (succeeded ? inTrouble : recorded).has(claim.deliveryId)),
        );
        return inTrouble;
      } catch (error) {
        if (isRefused(error)) {
          return this.writeEach(left, error);
        }
        left = this.worthAnotherTry(left, error as Error);
        if (left.length > 0) {
          this.logger.warn(`Recording ${left.length} attempts failed, trying again: ${(error as Error).message}`);
          await sleep(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]);
        }
      }
    }
    return NONE;
  }

  /** Leaves out whatever is somebody else's by now, and tells that it is lost. */
  private worthAnotherTry(attempts: readonly MadeAttempt[], failure: Error): MadeAttempt[] {
    const endedBefore = performance.now() - LATEST_AFTER_LEASE_MS;
    const left = attempts.filter(({ claim }) => claim.leaseEndsAt > endedBefore);
    if (left.length < attempts.length) {
      this.logger.error(`${attempts.length - left.length} attempts could not be recorded: ${failure.message}`);
    }
    return left;
  }

  private async writeEach(attempts: readonly MadeAttempt[], refusal: Error): Promise<ReadonlySet<number>> {
    const [only, ...others] = attempts;
    if (others.length === 0) {
      const { deliveryId, number } = only!.claim;
      this.logger.error(
        `Attempt ${number} of ${webhookIdOf(deliveryId)} was refused by the database, so that the log will call it ` +
          `interrupted: ${refusal.message}`,
      );
      return NONE;
    }
    const inTrouble = new Set<number>();
    for (const attempt of attempts) {
      for (const deliveryId of await this.write([attempt])) {
        inTrouble.add(deliveryId);
      }
    }
    return inTrouble;
  }

  private tell(attempts: readonly MadeAttempt[], recorded: ReadonlySet<number>): void {
    for (const attempt of attempts) {
      const { claim, outcome, responseCode, durationMs } = attempt;
      if (recorded.has(claim.deliveryId)) {
        this.metrics.recorded(outcome, durationMs);
        if (Logger.isLevelEnabled('debug')) {
          this.logger.debug(
            `delivery.attempted webhookId=${webhookIdOf(claim.deliveryId)} number=${claim.number} kind=${claim.kind} ` +
              `outcome=${outcome} code=${responseCode ?? '-'} durationMs=${durationMs}`,
          );
        }
      } else {
        this.logger.warn(
          `delivery.late webhookId=${webhookIdOf(claim.deliveryId)} number=${claim.number}: the lease had run out, ` +
            'so this result changes nothing.',
        );
      }
    }
  }
}

/** How many of them go into one statement, at least one. */
function fitting(waiting: readonly Waiting[]): number {
  let bytes = 0;
  const tooMany = waiting.findIndex(({ attempt }, index) => {
    bytes += attempt.exchanges.reduce((sum, { replyBody }) => sum + replyBody.length, 0);
    return index > 0 && (index === ATTEMPTS_A_STATEMENT || bytes > BYTES_A_STATEMENT);
  });
  return tooMany === -1 ? waiting.length : tooMany;
}

function numbersOf(list: string): Set<number> {
  return new Set(list === '' ? [] : list.split(',').map(Number));
}

/** SQLSTATE classes 22 (data) and 23 (constraints): the same values will be refused again. */
function isRefused(error: unknown): error is Error {
  return error instanceof Error && /^2[23]/.test(errorCode(error) ?? '');
}

/** The parameters of recordStatement. */
function parameters(attempts: readonly MadeAttempt[]): unknown[] {
  const now = performance.now();
  const calls = attempts.flatMap((attempt, index) =>
    attempt.exchanges.map((exchange, position) => ({ index: index + 1, position, exchange })),
  );
  const bodies = calls.map(({ exchange }) => exchange.replyBody);
  return [
    plainArray(attempts.map(({ claim }) => claim.deliveryId)),
    plainArray(attempts.map(({ claim }) => claim.kind)),
    plainArray(attempts.map(({ claim }) => claim.claimId)),
    plainArray(attempts.map(({ claim }) => claim.number)),
    plainArray(attempts.map(({ succeeded }) => succeeded)),
    plainArray(attempts.map(({ outcome }) => outcome)),
    textArray(attempts.map(({ message }) => storableText(message))),
    plainArray(attempts.map(({ responseCode }) => responseCode)),
    plainArray(attempts.map(({ startedAt }) => now - startedAt)),
    plainArray(attempts.map(({ durationMs }) => durationMs)),
    textArray(attempts.map(({ exchanges }) => firstCharacters(exchanges.at(-1)))),
    plainArray(attempts.map(({ waitSeconds }) => waitSeconds)),
    plainArray(calls.map(({ index }) => index)),
    plainArray(calls.map(({ position }) => position)),
    textArray(calls.map(({ exchange }) => exchange.request.method)),
    textArray(calls.map(({ exchange }) => storableText(maskUrl(exchange.request.url)))),
    textArray(calls.map(({ exchange }) => headersText(maskCredentials(exchange.request.headers)))),
    plainArray(calls.map(({ exchange }) => exchange.status)),
    textArray(calls.map(({ exchange }) => headersText(maskCredentials(exchange.replyHeaders)))),
    plainArray(calls.map(({ exchange }) => exchange.replyTruncated)),
    textArray(calls.map(({ exchange }) => (exchange.replyError === null ? null : storableText(exchange.replyError)))),
    plainArray(calls.map(({ exchange }) => Math.round(exchange.durationMs))),
    plainArray(beginnings(bodies)),
    plainArray(bodies.map(({ length }) => length)),
    Buffer.concat(bodies),
  ];
}

/** Where each begins when they stand one behind the other, from 1. */
function beginnings(bodies: readonly Uint8Array[]): number[] {
  let behind = 1;
  return bodies.map(({ length }) => (behind += length) - length);
}

function headersText(headers: readonly (readonly [string, string])[]): string {
  return storableText(JSON.stringify(headers));
}

/** What the list shows of a reply. Four bytes a character are the most that UTF-8 needs. */
function firstCharacters(exchange: Exchange | undefined): string {
  const text = storableText(exchange?.replyBody.subarray(0, LIST_CHARACTERS * 4).toString('utf8') ?? '');
  return [...text].slice(0, LIST_CHARACTERS).join('');
}
