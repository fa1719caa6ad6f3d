import { z } from 'zod';
import { isKnownLanguage } from '../surveys/language.js';
import { identifierField, momentField, textField } from '../web/fields.js';

const identifier = identifierField(255);
/** Left out it keeps what is there, null clears it. */
const optional = identifier.nullish().transform(clearNull);
const required = identifier.refine((text) => text !== '', { error: 'must not be empty.' });

/** POST /api/v1/invitations. */
export const invitationSchema = z.strictObject({
  ticketId: required,
  supportGroupCode: required,
  agentId: optional,
  /** The customer's id. */
  customer: optional,
  customerName: textField(255).nullish().transform(clearNull),
  customerEmail: z
    .union([z.literal(''), z.email().max(254)], { error: 'must be an e-mail address.' })
    .nullish()
    .transform(clearNull),
  segmentCode: optional,
  segment2Code: optional,
  language: z
    .string()
    .refine(isKnownLanguage, { error: 'must be a language tag such as "en" or "pt-BR".' })
    .nullish()
    .transform((tag) => tag ?? undefined),
  /** The survey's code; may be left out while there is one transactional survey. */
  survey: identifier.nullish().transform((text) => text ?? undefined),
  expiresAt: momentField.refine((moment) => moment.getTime() > Date.now(), { error: 'lies in the past.' }).nullish(),
});

function clearNull(text: string | null | undefined): string | undefined {
  return text === null ? '' : text;
}
