import { commonWords } from './common-words.js';
import { isLeaked } from './leaked-passwords.js';

/** Whose password it is to be: what anybody would try first. */
export interface PasswordOwner {
  email: string;
  name?: string;
  organisationName: string;
}

/**
 * Why a password that is long enough would be guessed all the same, as a sentence; null when nothing speaks against
 * it. Guessed early are: what leaks show most often, one character or a few again and again, runs along the keyboard or
 * the alphabet, and at most two common words or names with digits and signs between them. Three words that have nothing
 * to do with each other are fine.
 */
export function weaknessOf(password: string, owner: PasswordOwner): string | null {
  if (isRepetition(password)) {
    return 'The password repeats the same few characters. Choose something longer to guess, such as four unrelated words.';
  }
  if (spellings(password).some(isRun)) {
    return 'The password follows the keyboard or the alphabet. Choose something harder to guess, such as four unrelated words.';
  }
  if (/^[\p{N}\s\p{P}]+$/u.test(password)) {
    return 'The password has no letters: numbers are dates and telephones to whoever guesses. Add words.';
  }
  if (isLeaked(password)) {
    return COMMON;
  }
  const own = ownWords(owner);
  const used = spellings(password).map((letters) => knownParts(letters, [...own, ...commonWords]));
  const guessed = used.find(({ left, words }) => left <= MOST_LEFT && words.size >= 1 && words.size <= MOST_WORDS);
  if (!guessed) {
    return null;
  }
  return [...guessed.words].some((word) => own.includes(word))
    ? 'The password is made of your e-mail, your name or the organisation’s name, which is what others try first.'
    : COMMON;
}

const COMMON =
  'The password is one of the common ones, which are tried first. Choose something else, such as four unrelated words.';

const MOST_LEFT = 2;
const MOST_WORDS = 2;

function isRepetition(password: string): boolean {
  const characters = Array.from(password.toLowerCase());
  const distinct = new Set(characters).size;
  return distinct <= 4 || /^(.{1,6}?)\1{2,}.{0,5}$/su.test(password.toLowerCase());
}

const RUNS = [
  'abcdefghijklmnopqrstuvwxyz',
  '12345678901234567890',
  '09876543210987654321',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'q1w2e3r4t5y6u7i8o9p0',
  '1q2w3e4r5t6y7u8i9o0p',
].flatMap((run) => [run, [...run].toReversed().join('')]);
/** As long a piece as counts as typed without thinking. */
const PIECE = 4;

/** Whether almost all of it is pieces of such runs. */
function isRun(text: string): boolean {
  let outside = 0;
  for (let at = 0; at < text.length;) {
    const length = longestPiece(text, at);
    outside += length < PIECE ? 1 : 0;
    at += length < PIECE ? 1 : length;
  }
  return text.length > 0 && outside <= MOST_LEFT;
}

function longestPiece(text: string, at: number): number {
  let length = PIECE - 1;
  while (at + length < text.length && RUNS.some((run) => run.includes(text.slice(at, at + length + 1)))) {
    length += 1;
  }
  return length;
}

/** Signs that stand for a letter; digits count as themselves and as the letter they look like. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** The password without its disguises: as it is, and with lookalikes read as letters. */
function spellings(password: string): string[] {
  const plain = password.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const read = plain.replace(/[013457@$!]/g, (sign) => LOOKALIKES[sign] ?? sign);
  return [plain, read].map((text) => text.replace(/[^\p{L}\p{N}]/gu, ''));
}

/** Takes out the longest words first; what is left are letters nobody knows. */
function knownParts(text: string, known: readonly string[]): { left: number; words: Set<string> } {
  const words = new Set<string>();
  let rest = text;
  for (const word of known.toSorted((a, b) => b.length - a.length)) {
    if (rest.includes(word)) {
      words.add(word);
      rest = rest.replaceAll(word, ' ');
    }
  }
  return { left: rest.replace(/[^\p{L}]/gu, '').length, words };
}

function ownWords({ email, name = '', organisationName }: PasswordOwner): string[] {
  const parts = `${email} ${name} ${organisationName}`.split(/[^\p{L}\p{N}]+/u);
  const whole = [organisationName, name, ...email.split('@')];
  return [...parts, ...whole].map((word) => spellings(word)[0] ?? '').filter((word) => word.length >= 3);
}
