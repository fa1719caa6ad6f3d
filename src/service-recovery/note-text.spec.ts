import { readNoteText } from './note-text.js';

test.each([
  ['words', ' Called back. ', 'Called back.'],
  ['a form’s line breaks', 'one\r\ntwo', 'one\ntwo'],
  ['U+0000 and half a character', 'a\0b\ud800', 'a\uFFFDb\uFFFD'],
  ['5,000 characters of two code units', '🦜'.repeat(5_000), '🦜'.repeat(5_000)],
])('%s: kept', (_what, given, text) => {
  expect(readNoteText(given)).toEqual({ kind: 'text', text });
});

test.each([
  ['nothing', undefined, 'Write something first.'],
  ['blanks', ' \r\n ', 'Write something first.'],
  ['two texts', ['a', 'b'], 'Write something first.'],
  ['too much', 'a'.repeat(5_001), 'A note has at most 5,000 characters; this one has 5,001.'],
])('%s: refused', (_what, given, error) => {
  expect(readNoteText(given)).toMatchObject({ kind: 'error', error });
});

test('what is refused comes back as it was typed', () => {
  expect(readNoteText(` ${'a'.repeat(5_001)}`)).toMatchObject({ typed: ` ${'a'.repeat(5_001)}` });
});
