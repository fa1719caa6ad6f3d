/** Calls at once of a webhook that nothing is known of. */
const AT_FIRST = 4;
/** More than any webhook's own limit. */
const MOST = 1_000;
/** What was learned so long ago says nothing any more. */
const FORGOTTEN_MS = 60_000;
const LOOKS_AFTER = 1_000;

/** What a claim needs to know. Parallel arrays: webhooks, and the calls at once that each may have. */
export interface Allowed {
  webhookIds: number[];
  calls: number[];
  /** For every other webhook. */
  others: number;
}

/**
 * How many calls each webhook may have under way at once, its own limit aside. Each answer allows one more,
 * whatever it was and however long it took; each call without an answer halves it. So receivers that never answer
 * take few of the slots, and one that answers has all it wants after a few calls.
 */
export class Pace {
  private readonly learned = new Map<number, { calls: number; at: number }>();

  ended(webhookId: number, wasAnswered: boolean): void {
    const calls = this.callsOf(webhookId);
    this.learned.delete(webhookId);
    this.learned.set(webhookId, {
      calls: wasAnswered ? Math.min(calls + 1, MOST) : Math.max(Math.floor(calls / 2), 1),
      at: performance.now(),
    });
    this.forget();
  }

  callsOf(webhookId: number): number {
    return this.learned.get(webhookId)?.calls ?? AT_FIRST;
  }

  allowed(): Allowed {
    return {
      webhookIds: [...this.learned.keys()],
      calls: [...this.learned.values()].map(({ calls }) => calls),
      others: AT_FIRST,
    };
  }

  /** The oldest stand first. */
  private forget(): void {
    const before = performance.now() - FORGOTTEN_MS;
    for (const [webhookId, { at }] of this.learned) {
      if (at > before && this.learned.size <= LOOKS_AFTER) {
        return;
      }
      this.learned.delete(webhookId);
    }
  }
}
