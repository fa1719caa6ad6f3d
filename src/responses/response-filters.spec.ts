import { readFilters, responsesHref } from './response-filters.js';

describe('the filters of a query', () => {
  it('are read, whatever else stands in it', () => {
    const given = {
      from: '2026-11-01',
      to: '2026-11-01',
      group: 'SDESK',
      agent: ' adam.agent ',
      segment: 'NONE',
      band: 'passive',
      score: '0',
      q: 'slow',
      before: '1767225600123456-42',
      after: '0-1',
    };
    expect(readFilters({ ...given, unknown: '1' })).toEqual({ filters: { ...given, agent: 'adam.agent' }, errors: [] });
  });

  it('narrow nothing where they are empty', () => {
    expect(readFilters({ from: '', q: '', band: '', score: undefined })).toEqual({ filters: {}, errors: [] });
  });

  it.each([
    ['from', 'yesterday', 'Give a day such as 2026-11-22.'],
    ['to', '2026-02-30', 'Give a day such as 2026-11-22.'],
    ['from', '1899-12-31', 'Give a day between the years 1900 and 9000.'],
    ['to', '9000-01-01', 'Give a day between the years 1900 and 9000.'],
    ['band', 'best', 'Choose promoters, passives or detractors.'],
    ['score', '11', 'A score is a whole number from 0 to 10.'],
    ['score', '-1', 'A score is a whole number from 0 to 10.'],
    ['score', '1.5', 'A score is a whole number from 0 to 10.'],
    ['score', '100', 'A score is a whole number from 0 to 10.'],
    ['group', 'x'.repeat(201), 'must have at most 200 characters.'],
    ['before', '1', 'This page of the list does not exist.'],
    ['before', '-1', 'This page of the list does not exist.'],
    ['before', '1-', 'This page of the list does not exist.'],
    ['after', 'x1-1', 'This page of the list does not exist.'],
    ['after', '1-1x', 'This page of the list does not exist.'],
    ['after', `${'1'.repeat(17)}-1`, 'This page of the list does not exist.'],
    ['after', `1-${'1'.repeat(16)}`, 'This page of the list does not exist.'],
  ])('%s cannot be %s: the form shows it again beside the reason', (field, given, message) => {
    expect(readFilters({ [field]: given })).toEqual({ filters: { [field]: given }, errors: [{ field, message }] });
  });

  it.each([
    ['from', '1900-01-01'],
    ['to', '8999-12-31'],
    ['score', '10'],
    ['score', '9'],
    ['band', 'promoter'],
    ['band', 'detractor'],
    ['after', `${'1'.repeat(16)}-${'1'.repeat(15)}`],
  ])('%s may be %s', (field, given) => {
    expect(readFilters({ [field]: given })).toEqual({ filters: { [field]: given }, errors: [] });
  });

  it('are given once each', () => {
    for (const given of [['a', 'b'], { a: 'b' }, ['a']]) {
      expect(readFilters({ q: given })).toEqual({
        filters: { q: '' },
        errors: [{ field: 'q', message: 'Give it once.' }],
      });
    }
  });

  it('end with a day that is not before the first', () => {
    const wrong = { from: '2026-11-02', to: '2026-11-01' };
    const message = 'The last day lies before the first one.';
    expect(readFilters(wrong)).toEqual({ filters: wrong, errors: [{ field: 'to', message }] });
    expect(readFilters({ to: '2026-11-01' }).errors).toEqual([]);
    expect(readFilters({ from: '2026-11-02' }).errors).toEqual([]);
    // One reason is enough: the days are compared when both are days.
    expect(readFilters({ from: 'x', to: '2026-11-01' }).errors).toHaveLength(1);
  });
});

describe('the address of the list', () => {
  it('names what narrows it, and nothing else', () => {
    expect(responsesHref({})).toBe('/responses');
    expect(responsesHref({ q: '', band: undefined })).toBe('/responses');
    expect(responsesHref({ q: 'a b&c', score: '0' })).toBe('/responses?q=a+b%26c&score=0');
  });
});
