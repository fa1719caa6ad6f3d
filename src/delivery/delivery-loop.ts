import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { setTimeout as sleep } from 'node:timers/promises';
import { Environment } from '../config/environment.js';
import { WakeUp, type Work } from '../outbox/wake-up.js';
import { Calls } from './calls.js';
import { Claimer, LATEST_BEGIN_MS, type Claim, type Grant } from './claim.js';
import { Dispatcher } from './dispatch.js';
import { Preparer, type PreparedDelivery } from './prepare.js';
import { Rescuer } from './rescue.js';

const POLL_MS = 1_000;
/** Calls that have ended share a claim: it waits for so many or for half of those held, but not for long. */
const ENDED_A_CLAIM = 128;
const ENDED_WAIT_MS = 20;
/** Where so few more could be held, more than every slot is taken: the next claim can wait until it is worth its while. */
const LEAST_A_CLAIM = 64;
/** Batches that are being prepared: while one waits for the database's disk, the other is read and rendered. */
const BATCHES_AT_ONCE = 2;
/** Longer than any poll that works; then the loop no longer counts as alive. */
const ALIVE_MS = 30_000;
const PAUSE_AFTER_ERROR_MS = 1_000;

/**
 * Dispatches events and has due attempts made, for as long as the process lives. Signals wake it at once,
 * a poll each second finds what no signal told of, and calls that end let it claim more. While nothing that
 * is due waits to be claimed, what is made of events is claimed with it. At shutdown it
 * takes nothing more, hands back what has not begun, and waits for the calls under way, which end by
 * their own deadlines.
 */
@Injectable()
export class DeliveryLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Delivery');
  private awake: (() => void) | undefined;
  private wanted = false;
  private eventsMayWait = true;
  /** Of deliveries that were made here; the others were told of their events alone, if at all. */
  private wasLeftUnclaimed = false;
  private dueMayWait = true;
  /** There may be attempts that are due and could not be claimed yet: a call that ends makes room for them. */
  private isMoreDue = true;
  private endedSinceClaim = 0;
  private endedTimer: NodeJS.Timeout | undefined;
  private stopping = false;
  private running: Promise<void> | undefined;
  private readonly preparing = new Set<Promise<void>>();
  /** Of a batch that could not be prepared, until the loop throws it. */
  private failure: Error | undefined;
  private lastTurnAt = performance.now();

  constructor(
    private readonly environment: Environment,
    private readonly wakeUp: WakeUp,
    private readonly dispatcher: Dispatcher,
    private readonly claimer: Claimer,
    private readonly preparer: Preparer,
    private readonly calls: Calls,
    private readonly rescuer: Rescuer,
  ) {}

  /** False when this process delivers but its loop has not come round for half a minute. */
  get isAlive(): boolean {
    return !this.environment.roles.delivery || performance.now() - this.lastTurnAt < ALIVE_MS;
  }

  onApplicationBootstrap(): void {
    if (this.environment.roles.delivery) {
      this.wakeUp.onSignal((work) => this.wake(work));
      this.calls.onEnd((mayBeDueAgain) => this.callEnded(mayBeDueAgain));
      void this.wakeUp.listen();
      this.running = this.run();
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    const notBegun = this.calls.takeWaiting();
    this.goOn();
    await this.running;
    await this.handBack(notBegun).catch((error: Error) => this.logger.error(error.message));
    await this.calls.ended();
    clearTimeout(this.endedTimer);
  }

  @Interval(POLL_MS)
  poll(): void {
    this.wake('any');
  }

  private wake(work: Work): void {
    this.eventsMayWait = true;
    if (work === 'any') {
      this.becameDue();
    }
    this.goOn();
  }

  private callEnded(mayBeDueAgain: boolean): void {
    if (!this.isMoreDue && !mayBeDueAgain) {
      return;
    }
    this.endedSinceClaim += 1;
    if (this.endedSinceClaim >= Math.min(ENDED_A_CLAIM, this.calls.held)) {
      this.becameDue();
    } else {
      this.endedTimer ??= setTimeout(() => this.becameDue(), ENDED_WAIT_MS);
    }
  }

  /** Something may be claimed now that could not be before, in any lane. */
  private becameDue(): void {
    clearTimeout(this.endedTimer);
    this.endedTimer = undefined;
    this.claimer.becameDue();
    this.dueMayWait = true;
    this.goOn();
  }

  private goOn(): void {
    this.wanted = true;
    this.awake?.();
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.wanted = false;
      try {
        await this.turn();
        this.lastTurnAt = performance.now();
      } catch (error) {
        this.logger.error(`The delivery loop goes on after an error: ${(error as Error).message}`);
        await sleep(PAUSE_AFTER_ERROR_MS);
      }
      await this.untilWoken();
    }
    await Promise.all(this.preparing);
  }

  /** One batch of each, so that neither a flood of events nor a long queue keeps anything else waiting. */
  private async turn(): Promise<void> {
    await this.rescue();
    await this.handBackLate();
    await this.claim();
    await this.dispatch();
  }

  private async rescue(): Promise<void> {
    if (await this.rescuer.rescueWhenDue()) {
      this.becameDue();
    }
  }

  private async handBackLate(): Promise<void> {
    const late = this.calls.takeLate();
    if (late.length > 0) {
      await this.handBack(late);
      this.becameDue();
    }
  }

  private async claim(): Promise<void> {
    if (!this.dueMayWait) {
      return;
    }
    this.dueMayWait = false;
    this.isMoreDue = true;
    this.endedSinceClaim = 0;
    if (this.calls.room < LEAST_A_CLAIM) {
      this.shareWhatWaits();
      return;
    }
    this.throwFailure();
    const { claims, sawAll, isHeldBack } = await this.claimer.claim(this.calls.room, this.calls.allowed);
    this.isMoreDue = !sawAll || isHeldBack;
    if (!sawAll) {
      this.dueMayWait = true;
      this.goOn();
    }
    this.shareWhatWaits();
    await this.take(claims);
  }

  /** What this process has made and may not have under way, others perhaps may: at once, or when their calls end. */
  private shareWhatWaits(): void {
    if (this.wasLeftUnclaimed && this.isMoreDue) {
      this.wakeUp.tellOthers('any');
    }
    this.wasLeftUnclaimed = false;
  }

  private async dispatch(): Promise<void> {
    if (!this.eventsMayWait) {
      return;
    }
    // Whatever is written from now on is told of.
    this.eventsMayWait = false;
    const { more, claims, leftUnclaimed } = await this.dispatcher.dispatch(this.grant);
    if (more) {
      this.eventsMayWait = true;
      this.goOn();
    }
    if (leftUnclaimed) {
      this.wasLeftUnclaimed = true;
      this.becameDue();
    }
    await this.take(claims);
  }

  /** New deliveries may be claimed as they are made where none that was due before them waits for it. */
  private get grant(): Grant | null {
    const slots = this.calls.room;
    const doesAnyWait = this.isMoreDue || this.dueMayWait;
    return doesAnyWait || slots < LEAST_A_CLAIM ? null : { slots, allowed: this.calls.allowed };
  }

  private async take(claims: readonly Claim[]): Promise<void> {
    if (claims.length > 0) {
      this.calls.expect(claims);
      await this.prepareBehind(claims);
    }
  }

  /** While batches are being prepared, the next one is claimed. */
  private async prepareBehind(claims: readonly Claim[]): Promise<void> {
    while (this.preparing.size >= BATCHES_AT_ONCE) {
      await Promise.race(this.preparing);
    }
    const batch = this.prepare(claims).finally(() => this.preparing.delete(batch));
    this.preparing.add(batch);
  }

  /** What fails before any call, or comes too late for one, goes back to be claimed again. Never rejects. */
  private async prepare(claims: readonly Claim[]): Promise<void> {
    const prepared = this.stopping ? undefined : await this.preparedOf(claims);
    if (prepared !== undefined && !this.stopping && !claims.some(isLate)) {
      this.calls.add(prepared);
      return;
    }
    this.calls.dismiss(claims);
    await this.handBack(claims).catch((error: Error) => this.logger.error(error.message));
    // The loop tells of a failure, and pauses.
    this.becameDue();
  }

  private async preparedOf(claims: readonly Claim[]): Promise<PreparedDelivery[] | undefined> {
    try {
      return await this.preparer.prepare(claims);
    } catch (error) {
      this.failure = error as Error;
      return undefined;
    }
  }

  private throwFailure(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) {
      throw failure;
    }
  }

  private async handBack(claims: readonly Claim[]): Promise<void> {
    if (claims.length > 0) {
      await this.claimer.release(claims);
    }
  }

  private async untilWoken(): Promise<void> {
    if (!this.wanted && !this.stopping) {
      await new Promise<void>((resolve) => {
        this.awake = resolve;
      });
      this.awake = undefined;
    }
  }
}

function isLate({ leasedAt }: Claim): boolean {
  return performance.now() - leasedAt > LATEST_BEGIN_MS;
}
