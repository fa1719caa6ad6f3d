import { z } from 'zod';
import { deliveryIdOf } from '../delivery/webhook-id.js';
import { limitField, momentField, numberField, textField } from '../web/fields.js';
import { firstNumberAt } from './creation-time.js';

export const deliveryStatuses = ['in_progress', 'succeeded', 'failed', 'cancelled'] as const;
export const listeningPosts = ['transactional', 'relationship'] as const;

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
    status: z.enum(deliveryStatuses).optional().meta({ description: 'Deliveries in this status.' }),
    listeningPost: z.enum(listeningPosts).optional().meta({ description: 'Deliveries about this kind of survey.' }),
    ticketId: textField(255)
      .refine((text) => text !== '', { error: 'must not be empty.' })
      .optional()
      .meta({ description: 'Deliveries about this ticket.', minLength: 1, examples: ['INC123456'] }),
    responseId: numberField.optional().meta({ description: 'Deliveries about this response.', examples: [1042] }),
    test: z
      .stringbool({ truthy: ['true'], falsy: ['false'], error: 'must be true or false.' })
      .optional()
      .meta({ type: 'boolean', description: 'True: only those of *Send test*; false: only the others.' }),
    createdFrom: momentField.optional().meta({ description: 'Created at this moment or later.' }),
    createdTo: momentField.optional().meta({ description: 'Created before this moment.' }),
    limit: limitField,
    cursor: cursor.optional().meta({
      description: 'Goes on behind an earlier answer: its `nextCursor`.',
      pattern: '^[0-9a-f]{13}$',
      examples: ['a65768befa38a'],
    }),
  })
  .transform(({ limit, createdFrom, createdTo, cursor: behind, ...filters }) => ({
    limit,
    filters: {
      ...filters,
      fromId: createdFrom && firstNumberAt(createdFrom),
      beforeId: lower(behind, createdTo && firstNumberAt(createdTo)),
    },
  }));

function lower(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
