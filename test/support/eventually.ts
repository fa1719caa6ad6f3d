import { setTimeout as sleep } from 'node:timers/promises';

/** Of a turn that took longer, the rest is not counted: the machine stood still, and what is waited for stood still with it. */
const LONGEST_TURN_MS = 1_000;

/** Asks again until the answer is there (not undefined, null or false); fails after `withinMs`. */
export async function eventually<T>(
  ask: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  withinMs = 10_000,
): Promise<T> {
  let spentMs = 0;
  let lookedAt = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) {
      return answer;
    }
    spentMs += Math.min(performance.now() - lookedAt, LONGEST_TURN_MS);
    lookedAt = performance.now();
    if (spentMs > withinMs) {
      throw new Error(`Nothing came within ${withinMs} ms: ${ask.toString().slice(0, 200)}`);
    }
    await sleep(10);
  }
}
