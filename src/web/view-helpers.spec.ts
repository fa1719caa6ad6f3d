import { describe, expect, it } from '@jest/globals';
import { errorsOn, plural, utc, visible } from './view-helpers.js';

describe('utc', () => {
  it('says a moment in GMT, whatever form it comes in', () => {
    const said = '2026-11-22 02:31:05';
    expect(utc(new Date('2026-11-22T13:31:05.999+11:00'))).toBe(said);
    expect(utc('2026-11-22T02:31:05.123456Z')).toBe(said);
    expect(utc(said)).toBe(said);
  });

  it('says nothing for nothing, and leaves what is no moment as it came', () => {
    expect(utc(null)).toBe('');
    expect(utc('')).toBe('');
    expect(utc('soon')).toBe('soon');
  });
});

it('visible shows control characters and leaves line breaks and tabs', () => {
  expect(visible('a\0b\u001b\u007f\r\n\t')).toBe('a␀b␛␡\r\n\t');
  expect(visible(null)).toBe('');
});

it('plural counts', () => {
  expect(plural(1, 'call', 'calls')).toBe('1 call');
  expect(plural(1204, 'call', 'calls')).toBe('1,204 calls');
});

it('errorsOn gives the errors of one field', () => {
  const errors = [
    { field: 'a', message: 'one' },
    { field: 'b', message: 'two' },
  ];
  expect(errorsOn(errors, 'b')).toEqual([{ field: 'b', message: 'two' }]);
  expect(errorsOn(undefined, 'a')).toEqual([]);
});
