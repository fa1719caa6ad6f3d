import { z } from 'zod';
import { isKnownLanguage } from '../surveys/language.js';
import { identifierField, momentField, textField } from '../web/fields.js';

const identifier = identifierField(255);
/** Left out it keeps what is there, null clears it. */
const optional = identifier.nullish().transform(clearNull);
const required = identifier.refine((text) => text !== '', { error: 'must not be empty.' }).meta({ minLength: 1 });

/** POST /api/v1/invitations. */
export const invitationSchema = z.strictObject({
  ticketId: required.meta({ description: 'The ticket.', examples: ['INC123456'] }),
  supportGroupCode: required.meta({
    description: 'The code of the support group; a code that nobody knows yet is kept.',
    examples: ['SDESK'],
  }),
  agentId: optional.meta({ description: 'Who worked on the ticket.', examples: ['adam.agent'] }),
  customer: optional.meta({
    description: 'The customer’s id, which the payload carries.',
    examples: ['carole.customer'],
  }),
  customerName: textField(255)
    .nullish()
    .transform(clearNull)
    .meta({ description: 'The customer’s name.', examples: ['Carole Customer'] }),
  customerEmail: z
    .union([z.literal(''), z.email().max(254)], { error: 'must be an e-mail address.' })
    .nullish()
    .transform(clearNull)
    .meta({ description: 'The customer’s e-mail address.', examples: ['carole.customer@example.com'] }),
  segmentCode: optional.meta({ description: 'The code of a segment.', examples: ['NZ'] }),
  segment2Code: optional.meta({ description: 'The code of a second segment.', examples: ['AU'] }),
  language: z
    .string()
    .refine(isKnownLanguage, { error: 'must be a language tag such as "en" or "pt-BR".' })
    .nullish()
    .transform((tag) => tag ?? undefined)
    .meta({
      description: 'A language tag such as `en` or `pt-BR`; the survey’s own language without it.',
      examples: ['en'],
    }),
  survey: identifier
    .nullish()
    .transform((text) => text ?? undefined)
    .meta({
      description: 'The survey’s code; may be left out while there is one transactional survey.',
      examples: ['4f1dc2ab60e7'],
    }),
  expiresAt: momentField
    .refine((moment) => moment.getTime() > Date.now(), { error: 'lies in the past.' })
    .nullish()
    .meta({ description: 'When the link ends, in the future; null or left out: it never does.' }),
});

function clearNull(text: string | null | undefined): string | undefined {
  return text === null ? '' : text;
}
