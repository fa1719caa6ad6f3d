import { Claimer, type Claim } from '../../src/delivery/claim.js';
import { AttemptRecorder } from '../../src/delivery/record-attempt.js';
import { Rescuer } from '../../src/delivery/rescue.js';
import type { TestWorker } from './app.js';
import { endLease, madeAttempt } from './deliveries.js';

/** A worker's steps, taken one at a time by a test; `worker` must be one that delivers nothing by itself. */
export class HandWorker {
  private readonly held = new Map<number, Claim>();

  constructor(private readonly worker: TestWorker) {}

  /** Claims the one attempt that is due in the whole database, which must be of this delivery. */
  async claim(id: number): Promise<Claim> {
    const { claims } = await this.worker.context.get(Claimer).claim(10);
    expect(claims.map((claim) => claim.deliveryId)).toEqual([id]);
    this.held.set(id, claims[0]!);
    return claims[0]!;
  }

  /** Records what the call under this claim came to. */
  async record(claim: Claim, { succeeded }: { succeeded: boolean }): Promise<void> {
    await this.worker.context.get(AttemptRecorder).record(madeAttempt(claim, { succeeded }));
  }

  async succeed(id: number): Promise<void> {
    await this.record(this.held.get(id)!, { succeeded: true });
  }

  async fail(id: number): Promise<void> {
    await this.record(this.held.get(id)!, { succeeded: false });
  }

  /** As at SIGTERM: it was not called. */
  async handBack(id: number): Promise<void> {
    await this.worker.context.get(Claimer).release([this.held.get(id)!]);
  }

  /** Dies while it has the attempt; another one notices. */
  async die(id: number): Promise<void> {
    await endLease(this.worker, id);
    expect(await this.rescue()).toEqual([id]);
  }

  /** Answers the deliveries whose claims were taken back. */
  async rescue(): Promise<number[]> {
    return (await this.worker.context.get(Rescuer).rescue()).map((row) => row.delivery_id);
  }
}
