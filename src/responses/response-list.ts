import { Injectable } from '@nestjs/common';
import { DatabasePool } from '../database/database-pool.js';
import { storableText } from '../database/storable-text.js';
import type { ResponseFilters } from './response-filters.js';

const ROWS_A_PAGE = 50;
/** Counting stops here: nobody needs to know more exactly, and everybody would wait. */
const MOST_COUNTED = 10_000;

export interface ListedResponse {
  id: number;
  ticket_id: string;
  support_group_code: string;
  agent_id: string;
  customer_id: string;
  customer_name: string;
  customer_email: string;
  segment_code: string;
  segment_2_code: string;
  overall: number;
  comments: string;
  completed_at: Date;
  /** Its place in the list: microseconds since 1970 and the id. A JavaScript Date would lose the microseconds. */
  place: string;
}

export interface ResponsePage {
  responses: ListedResponse[];
  /** All that the filters let through; `atLeast` when counting stopped. */
  count: { number: number; atLeast: boolean };
  hasNewer: boolean;
  hasOlder: boolean;
}

export interface ListOwner {
  id: number;
  /** An IANA name: the days of the filters are days there. */
  timeZone: string;
}

/** Reads an organisation's responses, newest answer first. */
@Injectable()
export class ResponseList {
  constructor(private readonly database: DatabasePool) {}

  async page(owner: ListOwner, filters: ResponseFilters): Promise<ResponsePage> {
    const { before, after, ...rest } = filters;
    const narrowed = conditions(owner, rest);
    const [found, count] = await Promise.all([this.around(narrowed, before, after), this.count(narrowed)]);
    return { ...found, count };
  }

  /** Agents of the last answers, for the form to suggest. */
  async recentAgents({ id }: ListOwner): Promise<string[]> {
    const { rows } = await this.database.query<{ agent_id: string }>(
      `select distinct agent_id
         from (select agent_id from response where organisation_id = $1
                order by completed_at desc, id desc limit 1000) recent
        where agent_id <> '' order by agent_id limit 200`,
      [id],
    );
    return rows.map((row) => row.agent_id);
  }

  /** Behind a place, or the page in front of one; where that page is not full, the newest. */
  private async around(narrowed: Conditions, before?: string, after?: string): Promise<Omit<ResponsePage, 'count'>> {
    if (after !== undefined) {
      const found = await this.list(narrowed, 'asc', after);
      if (found.length > ROWS_A_PAGE) {
        return { responses: found.slice(0, ROWS_A_PAGE).toReversed(), hasNewer: true, hasOlder: true };
      }
    }
    const found = await this.list(narrowed, 'desc', after === undefined ? before : undefined);
    return {
      responses: found.slice(0, ROWS_A_PAGE),
      hasNewer: after === undefined && before !== undefined,
      hasOlder: found.length > ROWS_A_PAGE,
    };
  }

  private async list({ where, values }: Conditions, direction: 'asc' | 'desc', place?: string) {
    const [microseconds, id] = (place ?? '').split('-').map(Number);
    const beyond =
      place === undefined
        ? ''
        : ` and (completed_at, id) ${direction === 'asc' ? '>' : '<'}
              (timestamptz 'epoch' + $${values.length + 1} * interval '1 microsecond', $${values.length + 2})`;
    const { rows } = await this.database.query<ListedResponse>(
      `select id, ticket_id, support_group_code, agent_id, customer_id, customer_name, customer_email, segment_code,
              segment_2_code, overall, comments, completed_at,
              (extract(epoch from completed_at) * 1000000)::bigint || '-' || id as place
         from response
        where ${where}${beyond}
        order by completed_at ${direction}, id ${direction} limit ${ROWS_A_PAGE + 1}`,
      place === undefined ? values : [...values, microseconds, id],
    );
    return rows;
  }

  private async count({ where, values }: Conditions): Promise<ResponsePage['count']> {
    const { rows } = await this.database.query<{ number: number }>(
      `select count(*)::integer as number
         from (select from response where ${where} limit ${MOST_COUNTED + 1}) counted`,
      values,
    );
    const { number } = rows[0]!;
    return number > MOST_COUNTED ? { number: MOST_COUNTED, atLeast: true } : { number, atLeast: false };
  }
}

interface Conditions {
  where: string;
  values: unknown[];
}

/** Only the conditions that are asked for stand in the statement, so that its plan fits them. */
function conditions({ id, timeZone }: ListOwner, filters: Omit<ResponseFilters, 'before' | 'after'>): Conditions {
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
