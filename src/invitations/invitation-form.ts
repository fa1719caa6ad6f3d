import { asTyped } from '../web/form-errors.js';
import { endOfDayIn } from '../web/moment.js';

const names = [
  'survey',
  'ticketId',
  'supportGroupCode',
  'agentId',
  'customer',
  'customerName',
  'customerEmail',
  'segmentCode',
  'segment2Code',
  'language',
  'expiresAt',
] as const;

export type TypedInvitation = Record<(typeof names)[number], string>;

export const nothingTyped = asTyped({}, names) as TypedInvitation;

export function typedInvitation(body: unknown): TypedInvitation {
  return asTyped(body, names);
}

/** The form as the API takes it: a field left empty says nothing, so that it keeps what an invitation has. */
export function invitationFrom(typed: TypedInvitation, timeZone: string): Record<string, unknown> {
  const { ticketId, supportGroupCode, expiresAt, ...others } = typed;
  const given = Object.entries(others)
    .map(([name, text]) => [name, text.trim()] as const)
    .filter(([, text]) => text !== '');
  return { ticketId, supportGroupCode, ...Object.fromEntries(given), ...expiryIn(expiresAt, timeZone) };
}

/** A day in the organisation's time zone, all of it. What is no day goes on as it is, to be refused. */
function expiryIn(day: string, timeZone: string): { expiresAt?: string } {
  if (day.trim() === '') {
    return {};
  }
  const isDay = /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day));
  return { expiresAt: isDay ? endOfDayIn(timeZone, day).toISOString() : day };
}
