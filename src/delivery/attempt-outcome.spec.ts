import { judge, outcomeSentences } from './attempt-outcome.js';

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

  it.each([
    [301, 'It has moved, and redirects are not followed: enter the new URL.'],
    [302, 'Redirects are not followed: enter the URL that it leads to.'],
    [307, 'Redirects are not followed: enter the URL that it leads to.'],
    [308, 'It has moved, and redirects are not followed: enter the new URL.'],
    [400, 'It did not understand the payload.'],
    [403, 'The credentials are known but not allowed to do this.'],
    [404, 'The URL may be wrong or may have changed.'],
    [405, 'The URL does not take POST.'],
    [410, 'It says that this URL is gone for good.'],
    [413, 'The payload is too large for it.'],
    [429, 'It asks to be called less often.'],
    [502, 'A gateway in front of it did not reach it.'],
    [503, 'It is not available at the moment.'],
    [504, 'A gateway in front of it waited in vain.'],
  ])('of %d says what usually stands behind it', (status, hint) => {
    expect(judge({ kind: 'response', status }, 'any_2xx').message).toBe(`The receiver answered ${status}. ${hint}`);
  });

  it('that is a success was accepted', () => {
    expect(judge({ kind: 'response', status: 200 }, 'exactly_200').message).toBe('The receiver accepted it.');
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

test('every outcome has its own sentence', () => {
  const sentences = Object.values(outcomeSentences);
  expect(new Set(sentences).size).toBe(sentences.length);
  for (const sentence of sentences) {
    expect(sentence).toMatch(/^[A-Z].+\.$/);
  }
});
