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
    .optional()
    .meta({ maxLength: maximum });
}

/**
 * The survey webhook as five plain fields. An omitted key keeps what is there, null clears it. What GET
 * answers is accepted: `hasPassword` only tells, and changes nothing here.
 */
export const preferencesSchema = z.strictObject({
  enabled: z
    .boolean()
    .nullable()
    .optional()
    .transform(offWhenNull)
    .meta({ description: 'On or off; on needs a URL. While it is off, what is due waits.' }),
  url: z
    .string()
    .trim()
    .max(2048, { error: 'must have at most 2048 characters.' })
    .nullable()
    .optional()
    .meta({
      description: 'An http or https address without user name and password.',
      examples: ['https://hooks.example.com/answers'],
    }),
  username: credential(512)
    .refine((text) => !text?.includes(':'), {
      error: 'must not contain a colon, which HTTP Basic authentication cannot carry.',
    })
    .meta({
      description: 'For HTTP Basic authentication: at most 512 bytes, without a colon and control characters.',
      examples: ['answerback'],
    }),
  password: credential(1024).meta({
    description:
      'Likewise, at most 1024 bytes; stored encrypted, and never shown again. A saved one stays with the scheme, host and ' +
      'port it was entered for: a URL that leads elsewhere needs it again, or null.',
    examples: ['correct horse battery'],
  }),
  serviceNowWrapper: z.boolean().nullable().optional().transform(offWhenNull).meta({
    description: 'Whether the payload is wrapped for ServiceNow; for deliveries rendered from now on.',
  }),
  hasPassword: z.boolean().nullable().optional().meta({
    description: 'Changes nothing; it is taken so that what GET answers can be sent back.',
  }),
});

export type PreferencesChange = z.output<typeof preferencesSchema>;

function offWhenNull(value: boolean | null | undefined): boolean | undefined {
  return value === null ? false : value;
}
