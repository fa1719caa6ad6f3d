import { secondsUntilNextAttempt } from './retry-schedule.js';

const surveyWaits = [300, 600, 1200, 2400];

describe('the retry schedule', () => {
  it('of the survey webhook is the environment’s list, without jitter, and ends after five attempts', () => {
    const waits = [0, 1, 2, 3, 4, 5].map((spent) =>
      secondsUntilNextAttempt({ kind: 'survey_waits' }, spent, surveyWaits),
    );

    expect(waits).toEqual([300, 600, 1200, 2400, null, null]);
  });

  it('of another webhook is its own list, in which 0 is a wait', () => {
    const waits = [0, 1, 2].map((spent) =>
      secondsUntilNextAttempt({ kind: 'waits', seconds: [0, 7] }, spent, surveyWaits),
    );

    expect(waits).toEqual([0, 7, null]);
  });

  it('may be empty: then there is one attempt', () => {
    expect(secondsUntilNextAttempt({ kind: 'waits', seconds: [] }, 0, surveyWaits)).toBeNull();
    expect(secondsUntilNextAttempt({ kind: 'survey_waits' }, 0, [])).toBeNull();
  });
});
