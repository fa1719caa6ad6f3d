import { newPasswordProblem } from './password.js';
import { commonWords } from './common-words.js';
import { leakedCount } from './leaked-passwords.js';
import { weaknessOf } from './weak-password.js';

const owner = { email: 'mary.member@demo-host.example', name: 'Mary Member', organisationName: 'DemoCorp' };

describe('a password', () => {
  it.each([
    'password1234',
    'P@ssw0rd!2026',
    'Welcome-2026!',
    'letmeinletmein',
    'iloveyou123456',
    'Correct Horse Battery Staple',
    'superman batman',
    'pässwörd 2026',
    'ServiceDesk2026',
  ])('such as %s is refused as a common one', (password) => {
    expect(weaknessOf(password, owner)).toMatch(/common ones/);
  });

  it.each(['unbelievable', 'FinalFantasy', 'sonyericsson', 'justinbieber', '123qwe123qwe', 'ghbdtnghbdtn'])(
    'such as %s is refused as one that leaks show often',
    (password) => {
      expect(weaknessOf(password, owner)).toMatch(/common ones/);
    },
  );

  it.each(['DemoCorp2026!', 'MaryMember1!', 'mary.member123', 'd3m0c0rp-2026', 'demo-host.example'])(
    'such as %s is refused as the owner’s own words',
    (password) => {
      expect(weaknessOf(password, owner)).toMatch(/made of your e-mail, your name or the organisation/);
    },
  );

  it.each(['aaaaaaaaaaaa', 'abcabcabcabc', 'xyxyxyxyxyxy', '🐴'.repeat(18)])(
    'such as %s is refused as a repetition',
    (password) => {
      expect(weaknessOf(password, owner)).toMatch(/repeats/);
    },
  );

  it.each(['qwertyuiop[]asdf', '1qaz2wsx3edc', 'abcdefghijkl', 'q1w2e3r4t5y6', 'Qwertz-12345'])(
    'such as %s is refused as a run along the keyboard',
    (password) => {
      expect(weaknessOf(password, owner)).toMatch(/keyboard/);
    },
  );

  it('of figures alone is refused', () => {
    expect(weaknessOf('8264 0917 3355', owner)).toMatch(/no letters/);
  });

  it.each([
    'correct horse battery',
    'kererū flax pōhutukawa',
    'monkey sunshine cheese internet',
    'Xk9-vv2Lq0pZtr',
    'tui.drinks.from.the.flax',
    'vier unverwandte Wörter',
  ])('such as %s may be chosen', (password) => {
    expect(newPasswordProblem(password, owner)).toBeNull();
  });

  it('is first of all long enough, and not longer than what is checked', () => {
    expect(newPasswordProblem('x7-Kq!', owner)).toMatch(/at least 12 characters/);
    expect(newPasswordProblem('ā'.repeat(37), owner)).toMatch(/longer than 72 bytes/);
  });
});

test('the list of leaked passwords holds three thousand that are long enough to be chosen', () => {
  expect(leakedCount()).toBe(3_000);
});

test('the list of common words is letters only, and long enough to matter', () => {
  expect(commonWords.length).toBeGreaterThan(400);
  expect(commonWords.filter((word) => !/^[a-z]+$/.test(word))).toEqual([]);
});
