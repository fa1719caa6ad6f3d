import { COMMENT_MAXIMUM, readForm, readScore } from './answers-form.js';
import { surveyWording } from './survey-wording.js';

const wording = surveyWording('en');
const read = (body: unknown) => readForm(body, wording);

describe('the posted form', () => {
  test('is an answer with a score, also the score 0, and nothing else', () => {
    expect(read({ overall: '0' })).toEqual({
      kind: 'answers',
      answers: { overall: 0, factors: [], comments: '' },
      formId: null,
    });
  });

  test('takes one factor and several, in the payload\u2019s order, each once', () => {
    expect(read({ overall: '9', factors: 'Speed' })).toMatchObject({ answers: { factors: ['Speed'] } });
    expect(read({ overall: '9', factors: ['Other', 'Speed', 'Speed'] })).toMatchObject({
      answers: { factors: ['Speed', 'Other'] },
    });
  });

  test.each([[undefined], [''], ['11'], ['-1'], ['9.0'], ['09'], [' 9'], [['9', '10']], [{ a: 1 }], [9]])(
    'asks again for a score when it gets %p, with what was typed',
    (overall) => {
      expect(read({ overall, factors: ['Speed'], comments: 'Hello' })).toEqual({
        kind: 'errors',
        errors: [{ field: 'overall', message: wording.errors.overallMissing }],
        typed: { overall: null, factors: ['Speed'], comments: 'Hello' },
      });
    },
  );

  test('keeps 10,000 characters of any kind and refuses one more, with the text kept', () => {
    const emoji = '😀'.repeat(COMMENT_MAXIMUM);
    expect(read({ overall: '5', comments: emoji })).toMatchObject({ kind: 'answers', answers: { comments: emoji } });
    expect(read({ overall: '5', comments: `${emoji}x` })).toMatchObject({
      kind: 'errors',
      errors: [{ field: 'comments' }],
      typed: { overall: 5, comments: `${emoji}x` },
    });
  });

  test('counts a line break as one character, though browsers send two', () => {
    const comments = '\r\n'.repeat(COMMENT_MAXIMUM);
    expect(read({ overall: '5', comments })).toMatchObject({ answers: { comments: '\n'.repeat(COMMENT_MAXIMUM) } });
  });

  test('replaces what no database can keep and keeps the rest', () => {
    expect(read({ overall: '5', comments: 'a\0b\ud800c מזל <b>\u2028' })).toMatchObject({
      answers: { comments: 'a\uFFFDb\uFFFDc מזל <b>\u2028' },
    });
  });

  test('refuses a factor that is none', () => {
    expect(read({ overall: '5', factors: ['Speed', '<script>'] })).toMatchObject({
      kind: 'errors',
      errors: [{ field: 'factors', message: wording.errors.factorsUnknown }],
    });
  });

  test.each([[null], [undefined], ['text'], [42], [[]]])('is asked for again when the body is %p', (body) => {
    expect(read(body)).toMatchObject({ kind: 'errors', errors: [{ field: 'overall' }] });
  });

  test('has a one-time id only when it looks like one', () => {
    expect(read({ overall: '5', form: 'abcdefgh_-12' })).toMatchObject({ formId: 'abcdefgh_-12' });
    expect(read({ overall: '5', form: 'short' })).toMatchObject({ formId: null });
    expect(read({ overall: '5', form: ['abcdefgh', 'ijklmnop'] })).toMatchObject({ formId: null });
  });
});

test('a score in a link is taken only when it is one', () => {
  expect(readScore('10')).toBe(10);
  expect(readScore('0')).toBe(0);
  expect(readScore('abc')).toBeNull();
  expect(readScore(['9'])).toBeNull();
});
