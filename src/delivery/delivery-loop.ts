import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { setTimeout as sleep } from 'node:timers/promises';
import { Environment } from '../config/environment.js';
import { WakeUp } from '../outbox/wake-up.js';
import { AttemptRecorder } from './record-attempt.js';
import { Claimer, type Claim } from './claim.js';
import { Deliverer } from './deliver.js';
import { Dispatcher } from './dispatch.js';
import { Preparer, type PreparedDelivery } from './prepare.js';
import { Rescuer } from './rescue.js';

/** Calls that one process has under way at the most. */
const SLOTS = 256;
const POLL_MS = 1_000;
/** Longer than any poll that works; then the loop no longer counts as alive. */
const ALIVE_MS = 30_000;
const PAUSE_AFTER_ERROR_MS = 1_000;

/**
 * Dispatches events and makes due attempts, for as long as the process lives. Signals wake it at once,
 * a poll each second finds what no signal told of. At shutdown it takes nothing more, hands back what it
 * has not begun, and waits for the calls under way, which end by their own deadlines.
 */
@Injectable()
export class DeliveryLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Delivery');
  private readonly underWay = new Set<Promise<void>>();
  private awake: (() => void) | undefined;
  private wanted = false;
  private stopping = false;
  private running: Promise<void> | undefined;
  private lastTurnAt = performance.now();

  constructor(
    private readonly environment: Environment,
    private readonly wakeUp: WakeUp,
    private readonly dispatcher: Dispatcher,
    private readonly claimer: Claimer,
    private readonly preparer: Preparer,
    private readonly deliverer: Deliverer,
    private readonly recorder: AttemptRecorder,
    private readonly rescuer: Rescuer,
  ) {}

  /** False when this process delivers but its loop has not come round for half a minute. */
  get isAlive(): boolean {
    return !this.environment.roles.delivery || performance.now() - this.lastTurnAt < ALIVE_MS;
  }

  onApplicationBootstrap(): void {
    if (this.environment.roles.delivery) {
      this.wakeUp.onSignal(() => this.wake());
      void this.wakeUp.listen();
      this.running = this.run();
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
    await Promise.all(this.underWay);
  }

  @Interval(POLL_MS)
  wake(): void {
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
  }

  private async turn(): Promise<void> {
    await this.rescuer.rescueWhenDue();
    await this.dispatchAll();
    await this.claimAll();
  }

  private async dispatchAll(): Promise<void> {
    while (!this.stopping && (await this.dispatcher.dispatch()) > 0);
  }

  private async claimAll(): Promise<void> {
    let sawAll = false;
    while (!sawAll && !this.stopping && this.underWay.size < SLOTS) {
      const result = await this.claimer.claim(SLOTS - this.underWay.size);
      sawAll = result.sawAll;
      await this.begin(result.claims);
    }
  }

  /** Starts the calls of a batch. What fails before any call goes back to be claimed again. */
  private async begin(claims: readonly Claim[]): Promise<void> {
    if (claims.length === 0) {
      return;
    }
    try {
      const prepared = await this.preparer.prepare(claims);
      if (this.stopping) {
        await this.claimer.release(claims);
        return;
      }
      for (const delivery of prepared) {
        this.start(delivery);
      }
    } catch (error) {
      await this.claimer.release(claims).catch(() => undefined);
      throw error;
    }
  }

  private start(delivery: PreparedDelivery): void {
    const work = this.deliverer
      .deliver(delivery)
      .then((attempt) => this.recorder.record(attempt))
      .catch((error: Error) => this.logger.error(`An attempt ended in a fault of ours: ${error.stack}`))
      .finally(() => {
        this.underWay.delete(work);
        this.wake();
      });
    this.underWay.add(work);
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
