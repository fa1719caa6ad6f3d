import { z } from 'zod';

/** When a webhook fires: kinds of changes to a kind of record, on which every condition holds. */
export const triggerSchema = z.strictObject({
  recordType: z.string().min(1),
  on: z.array(z.enum(['created', 'updated', 'completed'])).min(1),
  conditions: z
    .array(
      z.strictObject({
        field: z.string().min(1),
        operator: z.enum(['equals', 'not_equals']),
        value: z.union([z.string(), z.number(), z.boolean()]),
      }),
    )
    .default([]),
});
export type Trigger = z.infer<typeof triggerSchema>;

/** What is sent. A serialisation is a body in one of the fixed forms that the record's owner offers. */
export const requestSchema = z.strictObject({
  method: z.literal('POST'),
  url: z.string().nullable(),
  body: z.strictObject({ kind: z.literal('serialisation'), name: z.string().min(1) }),
});
export type RequestDefinition = z.infer<typeof requestSchema>;

/** How hard a delivery tries. `survey_waits` are the waits that the environment gives for survey webhooks. */
export const policySchema = z.strictObject({
  success: z.enum(['exactly_200', 'any_2xx']),
  timeoutSeconds: z.number().int().min(1).max(30),
  retry: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('survey_waits') }),
    z.strictObject({ kind: z.literal('waits'), seconds: z.array(z.number().min(0)).max(50) }),
  ]),
  /** Whether the Retry-After of a 429 or 503 delays the next attempt. */
  obeysRetryAfter: z.boolean(),
  /**
   * After so many failed attempts in a row its deliveries wait, unspent, while one call every so often finds out whether
   * the receiver answers again. Null: they never wait.
   */
  circuit: z
    .strictObject({ failures: z.number().int().min(1).max(1000), probeSeconds: z.number().int().min(1).max(3600) })
    .nullable(),
  /** Whether it is switched off when its receiver answers 410 or fails for days; otherwise the admins are only told. */
  switchesOff: z.boolean(),
});
export type DeliveryPolicy = z.infer<typeof policySchema>;

/** The facts a trigger looks at. */
export interface TriggeringEvent {
  /** `<record type>.<what happened>`, as in `response.completed`. */
  type: string;
  snapshot: Readonly<Record<string, unknown>>;
}

export function matches(trigger: Trigger, event: TriggeringEvent): boolean {
  return (
    trigger.on.some((change) => event.type === `${trigger.recordType}.${change}`) &&
    trigger.conditions.every(({ field, operator, value }) => {
      const equal = event.snapshot[field] === value;
      return operator === 'equals' ? equal : !equal;
    })
  );
}
