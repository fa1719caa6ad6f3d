import type { DeliveryPolicy } from '../webhooks/webhook-definition.js';

/**
 * Seconds to wait after a failed automatic attempt, counted from when it failed; null when it was the
 * last one. `spent` is how many automatic attempts failed before it. The survey webhook's schedule is
 * exactly its list: no jitter.
 */
export function secondsUntilNextAttempt(
  retry: DeliveryPolicy['retry'],
  spent: number,
  surveyRetryWaits: readonly number[],
): number | null {
  const waits = retry.kind === 'survey_waits' ? surveyRetryWaits : retry.seconds;
  return waits[spent] ?? null;
}
