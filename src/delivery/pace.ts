/** Calls at once of a webhook that nothing is known of. */
const AT_FIRST = 4;
/** More than any webhook's own limit. */
const MOST = 1_000;
/** What was learned so long ago says nothing any more. */
const FORGOTTEN_MS = 60_000;
/** Of so many webhooks it is known how they answer; they are looked through for each claim. */
const MOST_KNOWN = 1_000;

/** What a claim needs to know. Parallel arrays: webhooks, and how many more calls each may have. */
export interface Allowed {
  webhookIds: number[];
  calls: number[];
  /** For every other webhook. */
  others: number;
}

/**
 * How many calls of each webhook this process may hold at once, the webhook's own limit aside. Each answer allows one
 * more, whatever it was and however long it took; each call without an answer halves it. So receivers that never
 * answer take few of the slots, and one that answers has all it wants after a few calls.
 */
export class Pace {
  private readonly held = new Map<number, number>();
  private readonly learned = new Map<number, { calls: number; at: number }>();

  took(webhookId: number): void {
    this.held.set(webhookId, this.heldOf(webhookId) + 1);
  }

  /** Without having called. */
  gaveBack(webhookId: number): void {
    const left = this.heldOf(webhookId) - 1;
    if (left > 0) {
      this.held.set(webhookId, left);
    } else {
      this.held.delete(webhookId);
    }
  }

  ended(webhookId: number, wasAnswered: boolean): void {
    this.gaveBack(webhookId);
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
    const webhookIds = [...new Set([...this.learned.keys(), ...this.held.keys()])];
    return {
      webhookIds,
      calls: webhookIds.map((webhookId) => Math.max(this.callsOf(webhookId) - this.heldOf(webhookId), 0)),
      others: AT_FIRST,
    };
  }

  private heldOf(webhookId: number): number {
    return this.held.get(webhookId) ?? 0;
  }

  /** The oldest stand first. */
  private forget(): void {
    const before = performance.now() - FORGOTTEN_MS;
    for (const [webhookId, { at }] of this.learned) {
      if (at > before && this.learned.size <= MOST_KNOWN) {
        return;
      }
      this.learned.delete(webhookId);
    }
  }
}
