import { levelNow, waitSeconds, waitWords, type Level } from './sign-in-limits.js';

const empty: Level = { level: 0, age: 0 };
const now = (level: number): Level => ({ level, age: 0 });

describe('the wait of who fails to sign in', () => {
  it('grows with each failure of the account from one address, up to a quarter of an hour', () => {
    const waits = [0, 4, 5, 6, 7, 8, 9, 10, 15].map((failures) =>
      waitSeconds({ pair: now(failures), account: empty, address: empty }, false),
    );
    expect(waits).toEqual([0, 0, 30, 60, 120, 240, 480, 900, 900]);
  });

  it('runs from the last failure', () => {
    const pair = levelNow('pair', 5, 29);
    expect(waitSeconds({ pair, account: empty, address: empty }, false)).toBe(1);
    expect(waitSeconds({ pair: levelNow('pair', 5, 30), account: empty, address: empty }, false)).toBe(0);
  });

  it('is short for an account that everybody tries, and nothing for an address that has not failed', () => {
    expect(waitSeconds({ pair: now(1), account: now(60), address: empty }, false)).toBe(60);
    expect(waitSeconds({ pair: empty, account: now(60), address: empty }, false)).toBe(0);
  });

  it('holds an address that tries many accounts, but not who was signed in from there before', () => {
    expect(waitSeconds({ pair: empty, account: empty, address: now(50) }, false)).toBe(30);
    expect(waitSeconds({ pair: empty, account: empty, address: now(60) }, true)).toBe(0);
    expect(waitSeconds({ pair: now(5), account: empty, address: empty }, true)).toBe(30);
  });

  it('is forgotten with time, and a clock set back does not make it longer', () => {
    expect(levelNow('pair', 15, 15 * 3600).level).toBe(0);
    expect(levelNow('account', 60, 600).level).toBe(59);
    expect(levelNow('address', 10, -50)).toEqual({ level: 10, age: 0 });
  });

  it.each([
    [1, '1 second'],
    [90, '90 seconds'],
    [91, '2 minutes'],
    [900, '15 minutes'],
  ])('of %s s is said as %s', (seconds, words) => {
    expect(waitWords(seconds)).toBe(words);
  });
});
