import type { EntityManager } from '@mikro-orm/postgresql';
import { z } from 'zod';
import type { Organisation } from '../accounts/organisation.entity.js';
import { bulkKinds } from '../delivery/bulk-redelivery.entity.js';
import { deliveryIdOf } from '../delivery/webhook-id.js';
import { numberField } from '../web/fields.js';
import { asTyped, formErrors } from '../web/form-errors.js';
import { parse } from '../web/parse.js';
import { invalidField, type FieldProblem } from '../web/problem.js';
import { Webhook } from '../webhooks/webhook.entity.js';
import type { WantedAgain } from './bulk-redeliveries.js';
import { behindDay, dayField, inOrder, OUT_OF_ORDER } from './days.js';
import { trimmed, withoutEmpty } from './log-filters.js';
import { DEFAULT_PER_SECOND, MOST_PER_SECOND } from './redeliveries.schema.js';

const names = ['kind', 'webhook', 'from', 'to', 'perSecond'] as const;

/** The form of a bulk redelivery, as its address or its body carries it. */
export interface WantedForm {
  typed: Record<(typeof names)[number], string> & { webhookIds: string[] };
  /** Null when nothing was asked, or something that cannot be. */
  wanted: (WantedAgain & { perSecond: number }) | null;
  errors: FieldProblem[];
}

export async function readWantedForm(
  em: EntityManager,
  organisation: Organisation,
  input: Readonly<Record<string, unknown>>,
): Promise<WantedForm> {
  const fields = trimmed(asTyped(input, names));
  const typed = { ...fields, webhookIds: listOf(input.webhookId) };
  if (typed.kind === '') {
    return { typed, wanted: null, errors: [] };
  }
  try {
    return { typed, wanted: await wantedFrom(em, organisation, typed, fields), errors: [] };
  } catch (error) {
    return { typed, wanted: null, errors: formErrors(error) };
  }
}

async function wantedFrom(
  em: EntityManager,
  { id: organisationId }: Organisation,
  { webhookIds }: WantedForm['typed'],
  fields: Readonly<Record<string, string>>,
): Promise<NonNullable<WantedForm['wanted']>> {
  const { kind, webhook: number, from, to, perSecond } = parse(schema, withoutEmpty(fields));
  if (kind === 'selection') {
    return { kind, deliveryIds: selected(webhookIds), webhook: null, perSecond };
  }
  const webhook = number === undefined ? null : await em.findOne(Webhook, { id: number, organisationId });
  if (number !== undefined && webhook === null) {
    throw invalidField('webhook', 'must be one of your webhooks.');
  }
  if (kind === 'missed' && webhook === null) {
    throw invalidField('webhook', 'choose the webhook that was switched off.');
  }
  return { kind, webhook, from, to: to && behindDay(to), perSecond };
}

const schema = z
  .strictObject({
    kind: z.enum(bulkKinds, { error: 'must be one of those offered.' }),
    webhook: numberField.optional(),
    from: dayField.optional(),
    to: dayField.optional(),
    perSecond: numberField
      .refine((number) => number >= 1 && number <= MOST_PER_SECOND, { error: `must be from 1 to ${MOST_PER_SECOND}.` })
      .default(DEFAULT_PER_SECOND),
  })
  .refine(inOrder, OUT_OF_ORDER);

function selected(webhookIds: readonly string[]): number[] {
  const ids = webhookIds.map(deliveryIdOf);
  if (ids.length === 0) {
    throw invalidField('kind', 'select at least one delivery in the Webhook Log.');
  }
  if (ids.includes(null)) {
    throw invalidField('kind', 'one of the selected Webhook IDs is none. Select them in the Webhook Log again.');
  }
  return ids as number[];
}

function listOf(given: unknown): string[] {
  return (Array.isArray(given) ? given : [given]).filter((text) => typeof text === 'string');
}
