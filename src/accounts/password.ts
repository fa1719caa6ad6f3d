import { compare, hash } from 'bcrypt';
import { weaknessOf, type PasswordOwner } from './weak-password.js';

const COST = 12;
const FEWEST_CHARACTERS = 12;
/** bcrypt reads no further: of two passwords that differ only after it, each would open the other's account. */
const MOST_BYTES = 72;

/** The hash of a random password nobody knows, at the cost above. */
const NOBODYS_HASH = '$2b$12$Q9lI0vgqVQ54TaWiYrr.Yedn5YsozQZvcwkzWSBJpTzXlgEh23lry';

/** Takes about a quarter of a second, in libuv's thread pool. Ask passwordProblem first. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, COST);
}

/** @param stored null when there is no such member: the answer is no, and takes as long as any other. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const matches = await compare(password, stored ?? NOBODYS_HASH);
  return matches && stored !== null && isWhollyHashed(password);
}

/** Why somebody should not choose this password, as a sentence; null when they may. */
export function newPasswordProblem(password: string, owner: PasswordOwner): string | null {
  return passwordProblem(password) ?? weaknessOf(password, owner);
}

/** Why a password cannot be set at all, as a sentence; null when it can. */
export function passwordProblem(password: string): string | null {
  if (Array.from(password).length < FEWEST_CHARACTERS) {
    return `The password needs at least ${FEWEST_CHARACTERS} characters.`;
  }
  if (Buffer.byteLength(password) > MOST_BYTES) {
    return (
      `The password is longer than ${MOST_BYTES} bytes: what comes after would not be checked. ` +
      'Letters with accents take two bytes, emoji four.'
    );
  }
  return isWhollyHashed(password) ? null : 'The password contains a character that cannot be typed.';
}

/** U+0000 ends what bcrypt reads, and half a character (a lone surrogate) becomes another one on the way to it. */
function isWhollyHashed(password: string): boolean {
  return Buffer.byteLength(password) <= MOST_BYTES && !password.includes('\0') && password.isWellFormed();
}
