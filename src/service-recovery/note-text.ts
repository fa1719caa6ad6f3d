import { storableText } from '../database/storable-text.js';

const MAXIMUM_CHARACTERS = 5_000;

export type NoteText = { kind: 'text'; text: string } | { kind: 'error'; error: string; typed: string };

/** Reads what was typed as a note: any text of 1 to 5,000 characters. Forms send line breaks as CR LF. */
export function readNoteText(given: unknown): NoteText {
  const typed = typeof given === 'string' ? storableText(given).replaceAll('\r\n', '\n') : '';
  const text = typed.trim();
  if (text === '') {
    return { kind: 'error', error: 'Write something first.', typed };
  }
  const { length } = [...text];
  if (length > MAXIMUM_CHARACTERS) {
    const error = `A note has at most 5,000 characters; this one has ${length.toLocaleString('en')}.`;
    return { kind: 'error', error, typed };
  }
  return { kind: 'text', text };
}
