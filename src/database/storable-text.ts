/**
 * Text that PostgreSQL can keep: U+0000, which its text type refuses, and halves of surrogate pairs,
 * which UTF-8 cannot hold, become the replacement character.
 */
export function storableText(text: string): string {
  // Nearly all text is: looking takes less than making another.
  return text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '\uFFFD');
}
