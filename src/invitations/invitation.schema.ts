import { z } from 'zod';
import { isKnownLanguage } from '../surveys/language.js';
import { momentField, textField } from '../web/fields.js';

const code = textField(255);
const optional = code.nullish().transform((text) => text ?? undefined);
const required = code.refine((text) => text !== '', { error: 'must not be empty.' });

/** POST /api/v1/invitations. */
export const invitationSchema = z.strictObject({
  ticketId: required,
  supportGroupCode: required,
  agentId: optional,
  /** The customer's id. */
  customer: optional,
  customerName: optional,
  customerEmail: z
    .email({ error: 'must be an e-mail address.' })
    .max(254)
    .nullish()
    .transform((text) => text ?? undefined),
  segmentCode: optional,
  segment2Code: optional,
  language: z.string().refine(isKnownLanguage, { error: 'must be a language tag such as "en" or "pt-BR".' }).optional(),
  /** The survey's code; may be left out while there is one transactional survey. */
  survey: code.optional(),
  expiresAt: momentField.refine((moment) => moment.getTime() > Date.now(), { error: 'lies in the past.' }).nullish(),
});
