import { errorCode } from './system-error.js';

/** SQLSTATEs of a database that lacks what it needs, in words for everybody: its own name files of the server. */
const words: Readonly<Record<string, string>> = {
  '53100': 'The disk of the database is full.',
  '53200': 'The database is out of memory.',
  '58030': 'The database cannot read or write its files.',
};
/** Whoever asks comes round in less; and what lasts is met again. */
const REMEMBERED_MS = 5_000;

let last: { words: string; at: number } | undefined;

/** Remembers what the database lacked when it failed a statement; other errors say nothing of it. */
export function noteRefusal(error: unknown): void {
  const lacked = words[errorCode(error) ?? ''];
  if (lacked !== undefined) {
    last = { words: lacked, at: performance.now() };
  }
}

/** What the database lacked, in this process and not long ago; null when it lacked nothing. */
export function recentRefusal(): string | null {
  return last && performance.now() - last.at < REMEMBERED_MS ? last.words : null;
}
