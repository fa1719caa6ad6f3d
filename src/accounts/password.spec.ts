import { password as acceptedPassword } from '../config/accepted-values.js';
import { hashPassword, passwordProblem, verifyPassword } from './password.js';

describe('a password', () => {
  it('opens what it was set for, and nothing else does', async () => {
    const stored = await hashPassword('correct horse battery');
    expect(stored).toMatch(/^\$2b\$12\$/);
    expect(await verifyPassword('correct horse battery', stored)).toBe(true);
    expect(await verifyPassword('Correct horse battery', stored)).toBe(false);
    expect(await verifyPassword('', stored)).toBe(false);
  });

  it('of nobody is compared all the same, and never matches', async () => {
    expect(await verifyPassword('correct horse battery', null)).toBe(false);
  });

  it('longer than bcrypt reads never matches, although bcrypt says so', async () => {
    const stored = await hashPassword('a'.repeat(72));
    expect(await verifyPassword('a'.repeat(72), stored)).toBe(true);
    expect(await verifyPassword(`${'a'.repeat(72)}b`, stored)).toBe(false);
  });

  it.each([
    ['eleven chars', 'elevenchars', /at least 12 characters/],
    ['six emoji, which are twelve halves', '🐴🔋🐴🔋🐴🔋', /at least 12 characters/],
    ['73 bytes', 'a'.repeat(73), /longer than 72 bytes/],
    ['19 emoji', '🐴'.repeat(19), /longer than 72 bytes/],
    ['U+0000', 'twelve\0characters', /cannot be typed/],
    ['half a character', 'twelve\ud800characters', /cannot be typed/],
  ])('with %s is refused with the reason', (_name, password, reason) => {
    expect(passwordProblem(password)).toMatch(reason);
    expect(acceptedPassword.safeParse(password).success).toBe(false);
  });

  it.each(['twelve chars', 'a'.repeat(72), '🐴'.repeat(18)])('such as %s can be set', (password) => {
    expect(passwordProblem(password)).toBeNull();
    expect(acceptedPassword.safeParse(password).success).toBe(true);
  });
});
