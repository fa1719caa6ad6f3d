import { z } from 'zod';
import { deliveryIdOf } from '../delivery/webhook-id.js';
import { numberField, textField } from '../web/fields.js';
import { asTyped, formErrors } from '../web/form-errors.js';
import { parse } from '../web/parse.js';
import type { FieldProblem } from '../web/problem.js';
import { firstNumberAt } from './creation-time.js';
import type { DeliveryFilters, Wanted } from './delivery-log.js';

/** The fields of the log's form, as its address carries them. */
export const filterNames = ['text', 'status', 'listeningPost', 'webhook', 'from', 'to'] as const;
export type FilterName = (typeof filterNames)[number];

export interface LogFilters {
  /** As they stand in the form; '' for those that are not set. */
  typed: Record<FilterName, string>;
  /** What the log is asked; null when a field holds something that cannot be asked. */
  asked: DeliveryFilters | null;
  errors: FieldProblem[];
}

/** Reads the filters from the address of a page of the log. */
export function readLogFilters(query: unknown): LogFilters {
  const typed = trimmed(asTyped(query, filterNames));
  const set = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== ''));
  try {
    return { typed, asked: parse(schema, set), errors: [] };
  } catch (error) {
    return { typed, asked: null, errors: formErrors(error) };
  }
}

const day = z.iso
  .date({ error: 'must be a day such as 2026-11-22.' })
  .transform((text) => new Date(`${text}T00:00:00Z`));
const DAY_MS = 86_400_000;

const schema = z
  .strictObject({
    text: textField(255).optional(),
    status: z
      .enum(['in_progress', 'succeeded', 'failed', 'cancelled'], { error: 'must be one of the statuses.' })
      .optional(),
    listeningPost: z
      .enum(['transactional', 'relationship'], { error: 'must be one of the listening posts.' })
      .optional(),
    webhook: numberField.optional(),
    from: day.optional(),
    to: day.optional(),
  })
  .refine(({ from, to }) => !from || !to || from <= to, { path: ['to'], error: 'must not lie before the first day.' })
  .transform(({ text, status, listeningPost, webhook, from, to }) => ({
    status,
    listeningPost,
    sentBy: webhook,
    fromId: from && firstNumberAt(from),
    // The last day counts whole.
    beforeId: to && firstNumberAt(new Date(to.getTime() + DAY_MS)),
    wanted: text === undefined ? undefined : wantedBy(text),
  }));

/** Whatever a person may have at hand: the number a receiver got, the response's or the ticket's. */
function wantedBy(text: string): Wanted {
  return {
    deliveryId: deliveryIdOf(text.toLowerCase()),
    responseId: /^\d{1,15}$/.test(text) ? Number(text) : null,
    // Tickets are numbered in capitals, and looked for in small letters.
    ticketIds: [...new Set([text, text.toUpperCase()])],
  };
}

function trimmed(typed: Record<FilterName, string>): Record<FilterName, string> {
  return Object.fromEntries(Object.entries(typed).map(([name, value]) => [name, value.trim()])) as typeof typed;
}
