import { z } from 'zod';
import { bulkKinds } from '../delivery/bulk-redelivery.entity.js';
import { deliveryIdOf, webhookIdSchema } from '../delivery/webhook-id.js';
import { momentField, momentText } from '../web/fields.js';
import { listeningPosts } from './deliveries.schema.js';

export const MOST_SELECTED = 1_000;
export const MOST_PER_SECOND = 500;
export const DEFAULT_PER_SECOND = 20;

/** What POST /api/v1/redeliveries takes. */
export const wantedSchema = z
  .strictObject({
    kind: z.enum(bulkKinds, { error: `must be one of ${bulkKinds.join(', ')}.` }).meta({
      description: [
        'What to send again.\n',
        '- `selection`: the deliveries in `webhookIds`, whatever their status',
        '- `failed`: every delivery that has failed and was created in the time given',
        '- `missed`: every event that had no delivery because the webhook of `listeningPost` was switched off',
      ].join('\n'),
    }),
    webhookIds: z
      .array(webhookIdSchema)
      .min(1, { error: 'must name at least one Webhook ID.' })
      .max(MOST_SELECTED, { error: `must name at most ${MOST_SELECTED} Webhook IDs.` })
      .optional()
      .meta({ description: 'The deliveries of a `selection`; left out otherwise.' }),
    listeningPost: z
      .enum(listeningPosts)
      .optional()
      .meta({ description: 'Only of this survey webhook; needed for `missed`.' }),
    from: momentField.optional().meta({ description: 'Created at this moment or later.' }),
    to: momentField.optional().meta({ description: 'Created before this moment.' }),
    perSecond: z
      .int({ error: 'must be a whole number.' })
      .min(1, { error: `must be from 1 to ${MOST_PER_SECOND}.` })
      .max(MOST_PER_SECOND, { error: `must be from 1 to ${MOST_PER_SECOND}.` })
      .default(DEFAULT_PER_SECOND)
      .meta({ description: 'So many a second at the most, so that the receiver is not run over.' }),
    dryRun: z.boolean().default(false).meta({ description: 'True: only count; nothing is sent.' }),
  })
  .superRefine(({ kind, webhookIds, listeningPost, from, to }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (kind === 'selection' && !webhookIds) {
      refuse('webhookIds', 'is required for a selection.');
    }
    if (kind !== 'selection' && webhookIds) {
      refuse('webhookIds', 'is for a selection only. Leave it out.');
    }
    if (kind === 'selection' && (listeningPost ?? from ?? to)) {
      refuse(listeningPost ? 'listeningPost' : from ? 'from' : 'to', 'does not narrow a selection. Leave it out.');
    }
    if (kind === 'missed' && !listeningPost) {
      refuse('listeningPost', 'is required for what was missed.');
    }
    if (from && to && from >= to) {
      refuse('to', 'must lie behind "from".');
    }
  })
  .transform(({ webhookIds, ...wanted }) => ({
    ...wanted,
    deliveryIds: webhookIds?.map((webhookId) => deliveryIdOf(webhookId)!),
  }));

const count = z.int().min(0);

export const bulkRedeliverySchema = z
  .strictObject({
    id: z
      .int()
      .min(1)
      .meta({ description: 'Its number.', examples: [7] }),
    kind: z.enum(bulkKinds).meta({ description: 'What is sent again.' }),
    from: momentText.nullable().meta({ description: 'Created at this moment or later; null for no limit.' }),
    to: momentText.nullable().meta({ description: 'Created before this moment; null for no limit.' }),
    perSecond: z
      .int()
      .min(1)
      .meta({ description: 'So many a second at the most.', examples: [20] }),
    found: count.meta({ description: 'How many there were when it began.', examples: [120] }),
    redelivered: count.meta({ description: 'How many were made due; what came of each is in the log.' }),
    skipped: count.meta({ description: 'How many could not be: a call was under way, or the webhook makes none.' }),
    status: z.enum(['running', 'done', 'cancelled']).meta({
      description: 'Where it stands. What was made due before a cancellation is still sent.',
    }),
    requestedBy: z.string().nullable().meta({ description: 'The e-mail of whoever began it; null for the API.' }),
    createdAt: momentText.meta({ description: 'When it began.' }),
    endedAt: momentText.nullable().meta({ description: 'When it ended; null while it runs.' }),
  })
  .meta({ id: 'BulkRedelivery', description: 'Many deliveries made again, at a rate.' });

export const startedSchema = z
  .strictObject({
    found: count.meta({ description: 'How many there are.', examples: [120] }),
    redelivery: bulkRedeliverySchema.nullable().meta({ description: 'What was begun; null for a dry run.' }),
  })
  .meta({ id: 'StartedRedelivery', description: 'How many are sent again, or would be.' });

export const bulkRedeliveriesSchema = z
  .strictObject({
    redeliveries: z.array(bulkRedeliverySchema).meta({ description: 'The newest first, 50 at the most.' }),
  })
  .meta({ id: 'BulkRedeliveries', description: 'The bulk redeliveries of the organisation.' });

export type BulkRedeliveryAnswer = z.output<typeof bulkRedeliverySchema>;
