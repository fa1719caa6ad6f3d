import { z } from 'zod';
import { outcomeSentences, type AttemptOutcome } from '../delivery/attempt-outcome.js';
import { webhookIdSchema } from '../delivery/webhook-id.js';
import { momentText } from '../web/fields.js';
import { deliveryStatuses, listeningPosts } from './deliveries.schema.js';

/** What the API answers about deliveries; delivery-json.ts makes it. */

const outcome = z.enum(Object.keys(outcomeSentences) as AttemptOutcome[]).meta({
  id: 'AttemptOutcome',
  description: [
    'What came of an attempt.\n',
    ...Object.entries(outcomeSentences).map(([name, sentence]) => `- \`${name}\`: ${sentence}`),
  ].join('\n'),
});

const count = z.int().min(0);
const statusCode = z.int().min(100).max(999);

const header = z
  .strictObject({
    name: z.string().meta({ examples: ['content-type'] }),
    value: z.string().meta({ description: 'Credentials are stored as `•••`.', examples: ['text/plain'] }),
  })
  .meta({ id: 'Header', description: 'One header, spelled as it was sent.' });

const headers = z.array(header).meta({ description: 'In the order sent; a name may come several times.' });

const sentRequest = z
  .strictObject({
    method: z.string().meta({ description: 'The HTTP method.', examples: ['POST'] }),
    url: z.string().meta({
      description: 'Where it went. The values of secret parameters (`token`, `api_key`, `sig` and the like) are `•••`.',
      examples: ['https://hooks.example.com/answers'],
    }),
    headers,
    body: z.string().nullable().meta({ description: 'As sent.' }),
  })
  .meta({ id: 'SentRequest', description: 'What was sent.' });

const reply = z
  .strictObject({
    status: statusCode.meta({ description: 'The status code.', examples: [503] }),
    headers,
    body: z.string().meta({
      description:
        'The first 64 KiB, read as UTF-8; U+FFFD stands for bytes that are none, `***` for our own credential. Empty, ' +
        'too, when it is no longer kept.',
      examples: ['Down for maintenance.'],
    }),
    bodyTruncated: z.boolean().meta({ description: 'There was more of it.' }),
    error: z.string().nullable().meta({
      description: 'How the reply broke off behind its status line, which does not change the outcome. Else null.',
    }),
  })
  .meta({ id: 'Reply', description: 'What came back.' });

const exchange = z
  .strictObject({
    request: sentRequest,
    response: reply.nullable().meta({ description: 'Null when no reply came.' }),
    durationMs: count.meta({ description: 'Milliseconds.', examples: [212] }),
  })
  .meta({ id: 'Exchange', description: 'One HTTP call.' });

const attempt = z
  .strictObject({
    number: z.int().min(1).meta({ description: 'From 1, automatic and manual ones counted together.' }),
    manual: z.boolean().meta({ description: 'Made by hand.' }),
    startedAt: momentText.meta({ description: 'When it began.' }),
    durationMs: count.meta({ description: 'How long it took, in milliseconds.', examples: [215] }),
    outcome,
    message: z.string().meta({
      description: 'What happened, in words.',
      examples: ['The receiver answered 503. It is not available at the moment.'],
    }),
    responseCode: statusCode.nullable().meta({
      description: 'The status code that decided it; null without a reply.',
      examples: [503],
    }),
    exchanges: z.array(exchange).meta({ description: 'The HTTP calls it took; none where nothing could be sent.' }),
  })
  .meta({ id: 'Attempt', description: 'One try of a delivery.' });

export const deliverySummarySchema = z
  .strictObject({
    webhookId: webhookIdSchema,
    listeningPost: z.enum(listeningPosts).meta({ description: 'The kind of survey that it is about.' }),
    status: z.enum(deliveryStatuses).meta({
      description: [
        'Where it stands.\n',
        '- `in_progress`: an attempt is due or under way',
        '- `succeeded`: the receiver took it',
        '- `failed`: the schedule is used up',
        '- `cancelled`: its webhook was deleted',
      ].join('\n'),
    }),
    test: z.boolean().meta({ description: 'True for a sample that *Send test* sent.' }),
    responseId: z
      .int()
      .min(1)
      .nullable()
      .meta({
        description: 'The response it is about; null for a test.',
        examples: [1042],
      }),
    ticketId: z.string().meta({ description: 'The ticket it is about, `""` for none.', examples: ['INC123456'] }),
    attemptCount: count.meta({ description: 'Automatic attempts made.' }),
    manualAttemptCount: count.meta({ description: 'Attempts made by hand: *Resend Webhook*, `redelivery`.' }),
    interruptedAttemptCount: count.meta({
      description: 'Attempts whose process died; they do not count towards the schedule.',
    }),
    createdAt: momentText.meta({ description: 'When the webhook was triggered.' }),
    nextAttemptAt: momentText.nullable().meta({
      description: 'When the next attempt is due that has not begun; null when there is none.',
    }),
    waitingReason: z.string().nullable().meta({
      description: 'Why what is due waits: the webhook is off, or the plan has none. Null when nothing holds it up.',
    }),
    lastActivityAt: momentText.nullable().meta({ description: 'When the last call began; null before the first.' }),
    lastOutcome: outcome.nullable().meta({ description: 'What came of the last attempt; null before the first.' }),
    lastResponseCode: statusCode.nullable().meta({
      description: 'The status code of the last reply; null when the last attempt got none.',
      examples: [200],
    }),
    lastResponse: z
      .string()
      .nullable()
      .meta({
        description: 'The first 100 characters of that reply; null when there was none.',
        examples: ['{"ok":true}'],
      }),
  })
  .meta({ id: 'DeliverySummary', description: 'One trigger of one webhook, without what was sent.' });

export const deliverySchema = deliverySummarySchema
  .extend({
    payload: z.string().nullable().meta({
      description: 'The body exactly as sent; null before the first attempt has made it.',
    }),
    attempts: z.array(attempt).meta({ description: 'In order.' }),
  })
  .meta({ id: 'Delivery', description: 'One trigger of one webhook, with every attempt.' });

export const deliveriesAnswerSchema = z
  .strictObject({
    deliveries: z.array(deliverySummarySchema).meta({ description: 'The newest first, by creation.' }),
    nextCursor: webhookIdSchema.nullable().meta({
      description: 'Give it as `cursor` to go on; null on the last page.',
      examples: [null],
    }),
  })
  .meta({ id: 'Deliveries', description: 'A page of the log.' });

export const redeliverySchema = z
  .strictObject({
    webhookId: webhookIdSchema,
    status: z.literal('due').meta({ description: 'The attempt is due at once.' }),
  })
  .meta({ id: 'Redelivery', description: 'One more attempt, about to be made.' });

export type DeliverySummaryAnswer = z.output<typeof deliverySummarySchema>;
export type DeliveryAnswer = z.output<typeof deliverySchema>;
export type AttemptAnswer = z.output<typeof attempt>;
export type ExchangeAnswer = z.output<typeof exchange>;
export type ReplyAnswer = z.output<typeof reply>;
