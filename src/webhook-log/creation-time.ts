/** As number_at() in the database: milliseconds since this moment, then 12 bits of a sequence. */
const EPOCH_MS = Date.UTC(2026, 0, 1);
const NUMBERS_A_MILLISECOND = 4096;
/** Above every number. */
export const HIGHEST_NUMBER = 2 ** 52;

/** When a delivery was made. Its number says it, so that this and the order of the log cannot disagree. */
export function createdAtOf(deliveryId: number): Date {
  return new Date(EPOCH_MS + Math.floor(deliveryId / NUMBERS_A_MILLISECOND));
}

/** The lowest number that a delivery made at this moment or later can have. */
export function firstNumberAt(moment: Date): number {
  return Math.min(Math.max((moment.getTime() - EPOCH_MS) * NUMBERS_A_MILLISECOND, 0), HIGHEST_NUMBER);
}
