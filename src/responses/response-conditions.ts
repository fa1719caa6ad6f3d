import { storableText } from '../database/storable-text.js';
import type { ResponseFilters } from './response-filters.js';

export interface ListOwner {
  id: number;
  /** An IANA name: the days of the filters are days there. */
  timeZone: string;
}

/** The end of a statement about `response`. */
export interface Conditions {
  where: string;
  values: unknown[];
}

/**
 * What the filters let through, whatever page they name. Only the conditions that are asked for stand in the statement,
 * so that its plan fits them.
 */
export function conditions({ id, timeZone }: ListOwner, filters: ResponseFilters): Conditions {
  const values: unknown[] = [id];
  const value = (given: unknown) => `$${values.push(given)}`;
  const where = ['organisation_id = $1'];
  if (filters.from) {
    where.push(`completed_at >= (${value(filters.from)}::date::timestamp at time zone ${value(timeZone)})`);
  }
  if (filters.to) {
    where.push(`completed_at < ((${value(filters.to)}::date + 1)::timestamp at time zone ${value(timeZone)})`);
  }
  if (filters.group) {
    where.push(`support_group_code = ${value(filters.group)}`);
  }
  if (filters.agent) {
    where.push(`agent_id = ${value(filters.agent)}`);
  }
  if (filters.segment) {
    where.push(segmentClause(filters.segment, value));
  }
  if (filters.band) {
    where.push(bandClauses[filters.band]!);
  }
  if (filters.score) {
    where.push(`overall = ${value(Number(filters.score))}`);
  }
  if (filters.q) {
    const pattern = value(`%${storableText(filters.q).replace(/[\\%_]/g, String.raw`\$&`)}%`);
    where.push(`concat_ws(E'\\n', comments, ticket_id, customer_id, customer_name, customer_email) ilike ${pattern}`);
  }
  return { where: where.join(' and '), values };
}

/** A response's place in the list: microseconds since 1970 and the id. A JavaScript Date would lose the microseconds. */
export const PLACE = `(extract(epoch from completed_at) * 1000000)::bigint || '-' || id`;

/** Narrowed further to what lies behind a place, in the direction of the list or against it. */
export function beyond({ where, values }: Conditions, direction: 'asc' | 'desc', place: string): Conditions {
  const [microseconds, id] = place.split('-').map(Number);
  const [first, second] = [`$${values.length + 1}`, `$${values.length + 2}`];
  return {
    where: `${where} and (completed_at, id) ${direction === 'asc' ? '>' : '<'}
              (timestamptz 'epoch' + ${first} * interval '1 microsecond', ${second})`,
    values: [...values, microseconds, id],
  };
}

/** As in bandOf(). */
const bandClauses: Readonly<Record<string, string>> = {
  promoter: 'overall >= 9',
  passive: 'overall between 7 and 8',
  detractor: 'overall <= 6',
};

/** NONE is what the payload calls the absence of a segment. */
function segmentClause(code: string, value: (given: unknown) => string): string {
  if (code === 'NONE') {
    return `segment_code in ('', 'NONE') and segment_2_code in ('', 'NONE')`;
  }
  const parameter = value(code);
  return `(segment_code = ${parameter} or segment_2_code = ${parameter})`;
}
