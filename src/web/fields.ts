import { z } from 'zod';
import { storableText } from '../database/storable-text.js';

/** Text that PostgreSQL can keep, at most so many characters, without blanks around it. */
export function textField(maximum: number) {
  return z
    .string()
    .transform((text) => storableText(text).trim())
    .refine((text) => [...text].length <= maximum, { error: `must have at most ${maximum} characters.` });
}

/**
 * A code or a number that something is found by: refused rather than repaired where it is damaged, or two
 * of them would become one.
 */
export function identifierField(maximum: number) {
  return z
    .string()
    .refine((text) => text.isWellFormed() && !/[\0\uFFFD]/.test(text), { error: 'holds a damaged character.' })
    .pipe(textField(maximum));
}

/** A moment with its offset from UTC, as ISO 8601 writes it. */
export const momentField = z.iso
  .datetime({ offset: true, error: 'must be a moment such as "2026-12-31T23:59:59Z".' })
  .transform((text) => new Date(text))
  // Others PostgreSQL and ISO 8601 write in different ways.
  .refine((moment) => moment.getUTCFullYear() >= 1 && moment.getUTCFullYear() <= 9999, {
    error: 'must lie in the years 1 to 9999.',
  });

const MAXIMUM_LIMIT = 200;
const DEFAULT_LIMIT = 50;

/** A whole number in a query, exact in JavaScript. */
export const numberField = z
  .string()
  .regex(/^\d{1,15}$/, { error: 'must be a whole number.' })
  .transform(Number);

/** How many entries a page of a list has. */
export const limitField = numberField
  .refine((limit) => limit >= 1 && limit <= MAXIMUM_LIMIT, { error: `must be from 1 to ${MAXIMUM_LIMIT}.` })
  .default(DEFAULT_LIMIT);
