import { z } from 'zod';
import { deliveryIdOf } from '../delivery/webhook-id.js';
import { limitField, momentField, numberField, textField } from '../web/fields.js';
import { firstNumberAt } from './creation-time.js';

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
    responseId: numberField.optional(),
    test: z.stringbool({ truthy: ['true'], falsy: ['false'], error: 'must be true or false.' }).optional(),
    createdFrom: momentField.optional(),
    createdTo: momentField.optional(),
    limit: limitField,
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
