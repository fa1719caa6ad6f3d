import { Injectable } from '@nestjs/common';
import { DatabasePool } from '../database/database-pool.js';
import { beyond, conditions, PLACE, type Conditions, type ListOwner } from './response-conditions.js';
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
  /** See PLACE. */
  place: string;
}

export interface ResponsePage {
  responses: ListedResponse[];
  /** All that the filters let through; `atLeast` when counting stopped. */
  count: { number: number; atLeast: boolean };
  hasNewer: boolean;
  hasOlder: boolean;
}

/** Reads an organisation's responses, newest answer first. */
@Injectable()
export class ResponseList {
  constructor(private readonly database: DatabasePool) {}

  async page(owner: ListOwner, filters: ResponseFilters): Promise<ResponsePage> {
    const { before, after } = filters;
    const narrowed = conditions(owner, filters);
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

  private async list(narrowed: Conditions, direction: 'asc' | 'desc', place?: string) {
    const { where, values } = place === undefined ? narrowed : beyond(narrowed, direction, place);
    const { rows } = await this.database.query<ListedResponse>(
      `select id, ticket_id, support_group_code, agent_id, customer_id, customer_name, customer_email, segment_code,
              segment_2_code, overall, comments, completed_at, ${PLACE} as place
         from response
        where ${where}
        order by completed_at ${direction}, id ${direction} limit ${ROWS_A_PAGE + 1}`,
      values,
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
