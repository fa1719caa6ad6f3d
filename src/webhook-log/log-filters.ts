import { z } from 'zod';
import { deliveryIdOf } from '../delivery/webhook-id.js';
import { numberField, textField } from '../web/fields.js';
import { asTyped, formErrors } from '../web/form-errors.js';
import { parse } from '../web/parse.js';
import type { FieldProblem } from '../web/problem.js';
import { wholeNumber } from '../web/whole-number.js';
import { firstNumberAt } from './creation-time.js';
import { behindDay, dayField, inOrder, OUT_OF_ORDER } from './days.js';
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
  const set = withoutEmpty(typed);
  try {
    return { typed, asked: parse(schema, set), errors: [] };
  } catch (error) {
    return { typed, asked: null, errors: formErrors(error) };
  }
}

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
    from: dayField.optional(),
    to: dayField.optional(),
  })
  .refine(inOrder, OUT_OF_ORDER)
  .transform(({ text, status, listeningPost, webhook, from, to }) => ({
    status,
    listeningPost,
    sentBy: webhook,
    fromId: from && firstNumberAt(from),
    beforeId: to && firstNumberAt(behindDay(to)),
    wanted: text === undefined ? undefined : wantedBy(text),
  }));

/** Whatever a person may have at hand: the number a receiver got, the response's or the ticket's. */
function wantedBy(text: string): Wanted {
  return {
    deliveryId: deliveryIdOf(text.toLowerCase()),
    responseId: wholeNumber(text),
    // Tickets are numbered in capitals, and looked for in small letters.
    ticketIds: [...new Set([text, text.toUpperCase()])],
  };
}

/** A form's texts without the blanks around them. */
export function trimmed<Name extends string>(typed: Record<Name, string>): Record<Name, string> {
  const entries = Object.entries<string>(typed).map(([name, value]) => [name, value.trim()]);
  return Object.fromEntries(entries) as typeof typed;
}

/** What a form leaves empty is not asked. */
export function withoutEmpty(typed: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== ''));
}
