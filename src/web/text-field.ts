import { z } from 'zod';
import { storableText } from '../database/storable-text.js';

/** A line of text that PostgreSQL can keep, at most so many characters, without blanks around it. */
export function textField(maximum: number) {
  return z
    .string()
    .transform((text) => storableText(text).trim())
    .refine((text) => [...text].length <= maximum, { error: `must have at most ${maximum} characters.` });
}
