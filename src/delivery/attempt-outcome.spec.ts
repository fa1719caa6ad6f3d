import { judge } from './attempt-outcome.js';

describe('a reply', () => {
  it.each([
    [200, true, true],
    [201, false, true],
    [204, false, true],
    [299, false, true],
    [199, false, false],
    [300, false, false],
    [302, false, false],
    [304, false, false],
    [404, false, false],
    [500, false, false],
    [999, false, false],
  ])('of %d is a success under exactly_200: %p, under any_2xx: %p', (status, exactly, any) => {
    expect(judge({ kind: 'response', status }, 'exactly_200')).toMatchObject({
      succeeded: exactly,
      outcome: exactly ? 'succeeded' : 'rejected',
      responseCode: status,
    });
    expect(judge({ kind: 'response', status }, 'any_2xx')).toMatchObject({ succeeded: any, responseCode: status });
  });

  it('that is no success says what was wanted, or what to do', () => {
    expect(judge({ kind: 'response', status: 204 }, 'exactly_200').message).toBe(
      'The receiver answered 204. Only 200 counts as success.',
    );
    expect(judge({ kind: 'response', status: 418 }, 'any_2xx').message).toBe(
      'The receiver answered 418. Only codes from 200 to 299 count as success.',
    );
    expect(judge({ kind: 'response', status: 401 }, 'exactly_200').message).toBe(
      'The receiver answered 401. The username or password may be wrong or may have changed.',
    );
  });
});

describe('no reply', () => {
  it('is a failure with its reason and words, and without a code', () => {
    expect(judge({ kind: 'failure', reason: 'timeout', message: 'No answer within 15 s' }, 'any_2xx')).toEqual({
      succeeded: false,
      outcome: 'timeout',
      message: 'No answer within 15 s',
      responseCode: null,
    });
  });
});
