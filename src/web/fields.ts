import { z } from 'zod';
import { storableText } from '../database/storable-text.js';

// What `meta` says of a field stands in the API's description in place of what its schema alone would say: a query is
// text to the schema, and a number to whoever writes the client.

/** Text that PostgreSQL can keep, at most so many characters, without blanks around it. */
export function textField(maximum: number) {
  return z
    .string()
    .transform((text) => storableText(text).trim())
    .refine((text) => [...text].length <= maximum, { error: `must have at most ${maximum} characters.` })
    .meta({ maxLength: maximum });
}

/**
 * A code or a number that something is found by: refused rather than repaired where it is damaged, or two
 * of them would become one.
 */
export function identifierField(maximum: number) {
  return z
    .string()
    .refine((text) => text.isWellFormed() && !/[\0\uFFFD]/.test(text), { error: 'holds a damaged character.' })
    .pipe(textField(maximum))
    .meta({ maxLength: maximum });
}

/** A moment with its offset from UTC, as ISO 8601 writes it. */
export const momentField = z.iso
  .datetime({ offset: true, error: 'must be a moment such as "2026-12-31T23:59:59Z".' })
  .transform((text) => new Date(text))
  // Others PostgreSQL and ISO 8601 write in different ways.
  .refine((moment) => moment.getUTCFullYear() >= 1 && moment.getUTCFullYear() <= 9999, {
    error: 'must lie in the years 1 to 9999.',
  });

/** A moment as the API answers it. */
export const momentText = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .meta({ format: 'date-time', examples: ['2026-11-22T02:31:05.120Z'] });

const MAXIMUM_LIMIT = 200;
const DEFAULT_LIMIT = 50;

/** A whole number in a query, exact in JavaScript. */
export const numberField = z
  .string()
  .regex(/^\d{1,15}$/, { error: 'must be a whole number.' })
  .transform(Number)
  .meta({ type: 'integer', minimum: 0, maximum: 999_999_999_999_999 });

/** How many entries a page of a list has. */
export const limitField = numberField
  .refine((limit) => limit >= 1 && limit <= MAXIMUM_LIMIT, { error: `must be from 1 to ${MAXIMUM_LIMIT}.` })
  .default(DEFAULT_LIMIT)
  .meta({
    description: 'So many at the most.',
    minimum: 1,
    maximum: MAXIMUM_LIMIT,
    default: DEFAULT_LIMIT,
    examples: [DEFAULT_LIMIT],
  });
