import { z } from 'zod';

const DAY_MS = 86_400_000;

/** A day in GMT, as its first moment. */
export const dayField = z.iso
  .date({ error: 'must be a day such as 2026-11-22.' })
  .transform((text) => new Date(`${text}T00:00:00Z`));

/** The first moment behind a day: the last day of a range counts whole. */
export function behindDay(day: Date): Date {
  return new Date(day.getTime() + DAY_MS);
}

/** Refuses a range whose last day lies before its first one. */
export function inOrder({ from, to }: { from?: Date | undefined; to?: Date | undefined }): boolean {
  return !from || !to || from <= to;
}
export const OUT_OF_ORDER = { path: ['to'], error: 'must not lie before the first day.' };
