import { z } from 'zod';

/** C0 and C1 controls, which RFC 7617 forbids. */
const CONTROL = /\p{Cc}/u;

function credential(maximum: number) {
  return z
    .string()
    .refine((text) => text.isWellFormed(), { error: 'holds a damaged character.' })
    .refine((text) => !CONTROL.test(text), { error: 'must not contain control characters.' })
    .refine((text) => Buffer.byteLength(text) <= maximum, { error: `must have at most ${maximum} bytes.` })
    .nullable()
    .optional();
}

/**
 * The survey webhook as five plain fields. An omitted key keeps what is there, null clears it. What GET
 * answers is accepted: `hasPassword` only tells, and changes nothing here.
 */
export const preferencesSchema = z.strictObject({
  enabled: z.boolean().nullable().optional().transform(offWhenNull),
  url: z.string().trim().max(2048, { error: 'must have at most 2048 characters.' }).nullable().optional(),
  username: credential(512).refine((text) => !text?.includes(':'), {
    error: 'must not contain a colon, which HTTP Basic authentication cannot carry.',
  }),
  password: credential(1024),
  serviceNowWrapper: z.boolean().nullable().optional().transform(offWhenNull),
  hasPassword: z.boolean().nullable().optional(),
});

export type PreferencesChange = z.output<typeof preferencesSchema>;

function offWhenNull(value: boolean | null | undefined): boolean | undefined {
  return value === null ? false : value;
}
