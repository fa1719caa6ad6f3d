import { z } from 'zod';

/** C0 and C1 controls and halves of characters: RFC 7617 forbids the former, UTF-8 the latter. */
const CONTROL = /\p{Cc}/u;

function credential(maximum: number) {
  return z
    .string()
    .refine((text) => text.isWellFormed() && !CONTROL.test(text), { error: 'must not contain control characters.' })
    .refine((text) => Buffer.byteLength(text) <= maximum, { error: `must have at most ${maximum} bytes.` })
    .nullable()
    .optional();
}

/**
 * The survey webhook as five plain fields. An omitted key keeps what is there, null clears it. What GET
 * answers is accepted: `hasPassword` only tells, and changes nothing here.
 */
export const preferencesSchema = z.strictObject({
  enabled: z.boolean().optional(),
  url: z.string().trim().max(2048, { error: 'must have at most 2048 characters.' }).nullable().optional(),
  username: credential(512).refine((text) => !text?.includes(':'), {
    error: 'must not contain a colon, which HTTP Basic authentication cannot carry.',
  }),
  password: credential(1024),
  serviceNowWrapper: z.boolean().optional(),
  hasPassword: z.boolean().optional(),
});

export type PreferencesChange = z.output<typeof preferencesSchema>;
