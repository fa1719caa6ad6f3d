import { z } from 'zod';
import { deliveryIdOf } from '../delivery/webhook-id.js';
import { textField } from '../web/text-field.js';
import { firstNumberAt } from './creation-time.js';

const MAXIMUM_LIMIT = 200;
const DEFAULT_LIMIT = 50;

const number = z
  .string()
  .regex(/^\d{1,15}$/, { error: 'must be a whole number.' })
  .transform(Number);

const moment = z.iso
  .datetime({ offset: true, error: 'must be a moment such as "2026-12-31T23:59:59Z".' })
  .transform((text) => new Date(text));

const cursor = z.string().transform((text, context) => {
  const id = deliveryIdOf(text);
  if (id === null) {
    context.addIssue({ code: 'custom', message: 'must be the nextCursor of an earlier answer.' });
    return z.NEVER;
  }
  return id;
});

/** The query of GET /api/v1/deliveries, as what the log is asked. */
export const deliveriesQuerySchema = z
  .strictObject({
    status: z.enum(['in_progress', 'succeeded', 'failed', 'cancelled']).optional(),
    listeningPost: z.enum(['transactional', 'relationship']).optional(),
    ticketId: textField(255)
      .refine((text) => text !== '', { error: 'must not be empty.' })
      .optional(),
    responseId: number.optional(),
    test: z.stringbool({ truthy: ['true'], falsy: ['false'], error: 'must be true or false.' }).optional(),
    createdFrom: moment.optional(),
    createdTo: moment.optional(),
    limit: number
      .refine((limit) => limit >= 1 && limit <= MAXIMUM_LIMIT, { error: `must be from 1 to ${MAXIMUM_LIMIT}.` })
      .default(DEFAULT_LIMIT),
    cursor: cursor.optional(),
  })
  .transform(({ limit, createdFrom, createdTo, cursor: behind, ...filters }) => ({
    limit,
    filters: {
      ...filters,
      fromId: createdFrom && firstNumberAt(createdFrom),
      beforeId: lower(behind, createdTo && firstNumberAt(createdTo)),
    },
  }));

/** Routes that take no parameters refuse all of them, as every route refuses what it does not know. */
export const nothingSchema = z.strictObject({});

function lower(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
