import { bodyText } from './body-text.js';

test.each([
  ['plain text', Buffer.from('kākā 🦜'), 'kākā 🦜'],
  ['U+0000', Buffer.from('a\0b'), 'a\0b'],
  ['a byte order mark', Buffer.from('\uFEFFa'), '\uFEFFa'],
  ['nothing', Buffer.alloc(0), ''],
])('%s is kept as it is', (_what, bytes, text) => {
  expect(bodyText(bytes, false)).toEqual({ text, isUtf8: true });
});

test('bytes that are no UTF-8 become replacement characters, and it is said', () => {
  expect(bodyText(Buffer.from([0x61, 0xff, 0x62]), false)).toEqual({ text: 'a\uFFFDb', isUtf8: false });
  expect(bodyText(Buffer.from([0x61, 0xc4]), false)).toEqual({ text: 'a\uFFFD', isUtf8: false });
});

test('a character that the cut went through is left out', () => {
  expect(bodyText(Buffer.from('a🦜').subarray(0, 3), true)).toEqual({ text: 'a', isUtf8: true });
});
