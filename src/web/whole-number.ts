/** A whole number that was written out, exact in JavaScript; null for anything else. */
export function wholeNumber(given: unknown): number | null {
  return typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : null;
}
