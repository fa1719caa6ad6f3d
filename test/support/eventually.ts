import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until the answer is there (not undefined, null or false); fails after `withinMs`. */
export async function eventually<T>(
  ask: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  withinMs = 10_000,
): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) {
      return answer;
    }
    if (performance.now() > end) {
      throw new Error(`Nothing came within ${withinMs} ms: ${ask.toString().slice(0, 200)}`);
    }
    await sleep(10);
  }
}
