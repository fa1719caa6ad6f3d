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
const ENDED_A_CLAIM = 256;
const ENDED_WAIT_MS = 20;
/** Where so few more could be held, more than every slot is taken: the next claim can wait until it is worth its while. */
const LEAST_A_CLAIM = 128;
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
  private dueMayWait = true;
  /** There may be attempts that are due and could not be claimed yet: a call that ends makes room for them. */
  private isMoreDue = true;
  private endedSinceClaim = 0;
  private endedTimer: NodeJS.Timeout | undefined;
  private stopping = false;
  private running: Promise<void> | undefined;
  private preparing: Promise<void> = Promise.resolve();
  /** Of the batch that was prepared last. */
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
    this.dueMayWait ||= work === 'any';
    this.goOn();
  }

  private callEnded(mayBeDueAgain: boolean): void {
    if (!this.isMoreDue && !mayBeDueAgain) {
      return;
    }
    this.endedSinceClaim += 1;
    if (this.endedSinceClaim >= Math.min(ENDED_A_CLAIM, this.calls.held)) {
      this.claimMore();
    } else {
      this.endedTimer ??= setTimeout(() => this.claimMore(), ENDED_WAIT_MS);
    }
  }

  private claimMore(): void {
    clearTimeout(this.endedTimer);
    this.endedTimer = undefined;
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
    await this.preparing;
  }

  private async turn(): Promise<void> {
    await this.rescue();
    await this.dispatchAll();
    await this.handBackLate();
    await this.claimAll();
  }

  private async rescue(): Promise<void> {
    if (await this.rescuer.rescueWhenDue()) {
      this.dueMayWait = true;
    }
  }

  private async dispatchAll(): Promise<void> {
    let isMore = this.eventsMayWait;
    // Whatever is written from now on is told of, and has its turn when these have been claimed.
    this.eventsMayWait = false;
    while (isMore && !this.stopping) {
      const { more, claims, leftUnclaimed } = await this.dispatcher.dispatch(this.grant);
      isMore = more;
      this.dueMayWait ||= leftUnclaimed;
      await this.take(claims);
    }
  }

  /** New deliveries may be claimed as they are made where none that was due before them waits for it. */
  private get grant(): Grant | null {
    const slots = this.calls.room;
    return this.isMoreDue || slots < LEAST_A_CLAIM ? null : { slots, allowed: this.calls.allowed };
  }

  private async handBackLate(): Promise<void> {
    const late = this.calls.takeLate();
    this.dueMayWait ||= late.length > 0;
    await this.handBack(late);
  }

  private async claimAll(): Promise<void> {
    if (!this.dueMayWait) {
      return;
    }
    let sawAll = false;
    this.dueMayWait = false;
    this.isMoreDue = true;
    this.endedSinceClaim = 0;
    while (!sawAll && !this.stopping && this.calls.room >= LEAST_A_CLAIM) {
      this.throwFailure();
      const result = await this.claimer.claim(this.calls.room, this.calls.allowed);
      sawAll = result.sawAll;
      this.isMoreDue = !sawAll || result.isHeldBack;
      await this.take(result.claims);
    }
  }

  private async take(claims: readonly Claim[]): Promise<void> {
    if (claims.length > 0) {
      this.calls.expect(claims);
      await this.prepareBehind(claims);
    }
  }

  /** While one batch is being prepared, the next one is claimed. */
  private async prepareBehind(claims: readonly Claim[]): Promise<void> {
    await this.preparing;
    this.preparing = this.prepare(claims);
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
    this.claimMore();
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
