import { dayIn, endOfDayIn, momentIn } from './moment.js';

describe('a moment', () => {
  it('is shown by the clocks of a time zone', () => {
    const moment = new Date('2026-11-22T02:31:05.120Z');
    expect(momentIn('Pacific/Auckland', moment)).toEqual({
      iso: '2026-11-22T02:31:05.120Z',
      text: '22 Nov 2026, 15:31 GMT+13',
    });
    expect(momentIn('UTC', moment).text).toBe('22 Nov 2026, 02:31 UTC');
    expect(momentIn('Nowhere/Atall', moment).text).toBe('22 Nov 2026, 02:31 UTC');
    expect(momentIn('UTC', null)).toBeNull();
  });

  it('lies on the day that those clocks show', () => {
    const moment = new Date('2026-11-22T23:59:59Z');
    expect(['UTC', 'Pacific/Auckland', 'Nowhere/Atall'].map((zone) => dayIn(zone, moment))).toEqual([
      '2026-11-22',
      '2026-11-23',
      '2026-11-22',
    ]);
  });

  it.each([
    ['UTC', '2026-11-22', '2026-11-22T23:59:59.000Z'],
    ['Nowhere/Atall', '2026-11-22', '2026-11-22T23:59:59.000Z'],
    ['Pacific/Auckland', '2026-11-22', '2026-11-22T10:59:59.000Z'],
    ['America/New_York', '2026-11-22', '2026-11-23T04:59:59.000Z'],
    ['Europe/Berlin', '2026-03-29', '2026-03-29T21:59:59.000Z'],
    ['Europe/Berlin', '2026-10-25', '2026-10-25T22:59:59.000Z'],
  ])('ends a day in %s, also when the clocks change on it (%s)', (zone, day, end) => {
    expect(endOfDayIn(zone, day).toISOString()).toBe(end);
  });
});
