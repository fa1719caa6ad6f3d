import * as fc from 'fast-check';
import { holds } from '../../test/support/properties.js';
import { secondsUntilNextAttempt } from './retry-schedule.js';

const waits = fc.array(fc.nat({ max: 7 * 86_400 }), { maxLength: 20 });

/** The waits after each failure, as a delivery lives through them, until none is left. */
function livedThrough(retry: Parameters<typeof secondsUntilNextAttempt>[0], surveyWaits: readonly number[]): number[] {
  const lived: number[] = [];
  for (;;) {
    const wait = secondsUntilNextAttempt(retry, lived.length, surveyWaits);
    if (wait === null) {
      return lived;
    }
    lived.push(wait);
  }
}

describe('any retry schedule', () => {
  test('is lived through wait by wait, to the second and in order, and then ends', () => {
    holds(
      fc.property(waits, waits, (own, survey) => {
        expect(livedThrough({ kind: 'waits', seconds: own }, survey)).toEqual(own);
        expect(livedThrough({ kind: 'survey_waits' }, survey)).toEqual(survey);
      }),
      { runs: 2_000 },
    );
  });

  test('is over for good: no later failure makes another attempt', () => {
    holds(
      fc.property(waits, fc.nat(), (own, beyond) => {
        expect(secondsUntilNextAttempt({ kind: 'waits', seconds: own }, own.length + beyond, [1])).toBeNull();
        expect(secondsUntilNextAttempt({ kind: 'survey_waits' }, own.length + beyond, own)).toBeNull();
      }),
      { runs: 2_000 },
    );
  });

  test('says the same whenever it is asked: no jitter', () => {
    holds(
      fc.property(waits, fc.nat({ max: 25 }), (own, spent) => {
        const asked = () => secondsUntilNextAttempt({ kind: 'survey_waits' }, spent, own);
        expect(new Set(Array.from({ length: 5 }, asked)).size).toBe(1);
      }),
      { runs: 500 },
    );
  });
});
