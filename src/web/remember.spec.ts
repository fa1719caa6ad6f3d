import { MOST_REMEMBERED, remember } from './remember.js';

let workedOut: string[];
const lengthOf = remember(10, (text) => {
  workedOut.push(text);
  return text === '' ? undefined : text.length;
});

beforeEach(() => {
  workedOut = [];
});

test('what was worked out once is remembered, nothing among it', () => {
  expect([lengthOf('one'), lengthOf(''), lengthOf('one'), lengthOf('')]).toEqual([3, undefined, 3, undefined]);
  expect(workedOut).toEqual(['one', '']);
});

test('a text that is too long is worked out each time', () => {
  const long = 'a'.repeat(11);
  expect([lengthOf(long), lengthOf(long), lengthOf(long.slice(1)), lengthOf(long.slice(1))]).toEqual([11, 11, 10, 10]);
  expect(workedOut).toEqual([long, long, long.slice(1)]);
});

test('no more than so many are kept: one beyond them begins anew', () => {
  const names = Array.from({ length: MOST_REMEMBERED }, (_, index) => `n${index}`);
  const known = remember(10, (text) => {
    workedOut.push(text);
    return text;
  });
  names.forEach(known);
  names.forEach(known);
  expect(workedOut).toHaveLength(MOST_REMEMBERED);
  known('another');
  known('n0');
  expect(workedOut.slice(MOST_REMEMBERED)).toEqual(['another', 'n0']);
});
