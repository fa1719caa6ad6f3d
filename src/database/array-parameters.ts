/**
 * Arrays as parameters of SQL statements, for those that carry many rows at once. pg would write each element as text
 * with every quote and backslash of it escaped, and PostgreSQL would take it apart again character by character.
 */

const TEXT_OID = 25;
const HEADER_BYTES = 20;
const NULL_LENGTH = -1;

/**
 * A `text[]` in PostgreSQL's binary format (array_send in its source): the number of dimensions, whether there are nulls,
 * the type of the elements, how many they are and the index of the first; then each, its length in bytes before it.
 *
 * @param values well-formed text without U+0000 (storableText), or its bytes in UTF-8
 */
export function textArray(values: readonly (string | Buffer | null)[]): Buffer {
  const bytes = values.reduce((sum, value) => sum + 4 + (value === null ? 0 : Buffer.byteLength(value)), 0);
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  buffer.writeInt32BE(TEXT_OID, 8);
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  let at = HEADER_BYTES;
  for (const value of values) {
    const length = value === null ? NULL_LENGTH : written(buffer, at + 4, value);
    buffer.writeInt32BE(length, at);
    at += 4 + Math.max(length, 0);
  }
  return buffer;
}

function written(buffer: Buffer, at: number, value: string | Buffer): number {
  return typeof value === 'string' ? buffer.write(value, at) : value.copy(buffer, at);
}

/** An array of what needs no quoting in an array's text: numbers, booleans, UUIDs. */
export function plainArray(values: readonly (number | boolean | string | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}
