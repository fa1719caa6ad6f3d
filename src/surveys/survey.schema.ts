import { z } from 'zod';
import { textField } from '../web/fields.js';
import { isKnownLanguage } from './language.js';

const required = (maximum: number) => textField(maximum).refine((text) => text !== '', { error: 'must not be empty.' });

/** What customers read of a survey. Browsers send line breaks as CRLF; they are kept as LF. */
export const surveyTextsSchema = z.object({
  description: required(200),
  language: z
    .string()
    .trim()
    .max(35, { error: 'must be a language tag such as "en" or "pt-BR".' })
    .refine(isKnownLanguage, { error: 'must be a language tag such as "en" or "pt-BR".' }),
  thankYouText: z
    .string()
    .transform((text) => text.replaceAll('\r\n', '\n'))
    .pipe(required(2_000)),
});
