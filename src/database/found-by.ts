/**
 * The SQL condition that a column equals a value that comes with each row of something else: as `=`, but only to be looked
 * up in an index, one value after the other. While a table is empty, PostgreSQL finds it as good to go through all of it and
 * compare, and keeps to that plan in its prepared statements when the table is long. A comparison with an array, though of
 * one value, leaves it no such choice.
 */
export function foundBy(column: string, value: string): string {
  return `${column} = any(array[${value}])`;
}
