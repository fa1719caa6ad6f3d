/**
 * The SQL condition that a column equals a value that comes with each row of something else: as `=`, but to be looked up in
 * an index, one value after the other. While a table is empty, PostgreSQL finds it as good to go through all of it and
 * compare, and keeps to that in its prepared statements when the table is long. A comparison with an array, though of one
 * value, can be no hash or merge join; with the settings of DatabasePool's connections the look-up is what is left.
 */
export function foundBy(column: string, value: string): string {
  return `${column} = any(array[${value}])`;
}
