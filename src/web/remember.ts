/** So many texts are remembered; one more, and all are forgotten. */
export const MOST_REMEMBERED = 1_000;

/**
 * A function that works out something for a text, and remembers it: for texts of which the same few come again and again.
 * Those that strangers make up must not pile up, nor be long.
 *
 * @param longest characters; for longer texts it is worked out each time
 */
export function remember<Value>(longest: number, workOut: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, { value: Value }>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) {
      return before.value;
    }
    const value = workOut(text);
    if (text.length <= longest) {
      if (known.size >= MOST_REMEMBERED) {
        known.clear();
      }
      known.set(text, { value });
    }
    return value;
  };
}
