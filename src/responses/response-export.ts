import { Injectable } from '@nestjs/common';
import { DatabasePool } from '../database/database-pool.js';
import { beyond, conditions, PLACE, type Conditions, type ListOwner } from './response-conditions.js';
import type { ResponseFilters } from './response-filters.js';

/** 250 of the longest comments are 10 MB at the worst. */
const ROWS_A_PAGE = 250;

export interface ExportedResponse {
  id: number;
  listening_post: string;
  ticket_id: string;
  support_group_code: string;
  support_group_name: string;
  agent_id: string;
  segment_code: string;
  segment_name: string;
  segment_2_code: string;
  segment_2_name: string;
  customer_id: string;
  customer_name: string;
  customer_email: string;
  overall: number;
  factors: string[];
  comments: string;
  survey_description: string;
  language: string;
  completed_at: Date;
  /** See PLACE. */
  place: string;
}

/** Reads all responses that filters let through, newest answer first. */
@Injectable()
export class ResponseExport {
  constructor(private readonly database: DatabasePool) {}

  /**
   * A page at a time, each by a statement of its own from where the last one ended: a slow reader of a million rows
   * holds neither them in memory nor a transaction open. What is answered while it runs, or answered again, lies in
   * front of where it began, and is the next export's.
   */
  async *pages(owner: ListOwner, filters: ResponseFilters): AsyncGenerator<ExportedResponse[]> {
    const narrowed = conditions(owner, filters);
    let rest = narrowed;
    for (;;) {
      const page = await this.page(owner, rest);
      yield page;
      if (page.length < ROWS_A_PAGE) {
        return;
      }
      rest = beyond(narrowed, 'desc', page.at(-1)!.place);
    }
  }

  private async page({ id }: ListOwner, { where, values }: Conditions): Promise<ExportedResponse[]> {
    const organisation = `$${values.length + 1}`;
    const { rows } = await this.database.query<ExportedResponse>(
      `with page as materialized (
         select *, ${PLACE} as place from response where ${where}
          order by completed_at desc, id desc limit ${ROWS_A_PAGE})
       select page.id, listening_post, ticket_id, support_group_code, coalesce(support_group.name, '') as support_group_name,
              agent_id, segment_code, coalesce(segment.name, '') as segment_name,
              segment_2_code, coalesce(segment_2.name, '') as segment_2_name, customer_id, customer_name, customer_email,
              overall, factors, comments, survey_description, page.language, completed_at, place
         from page
         left join support_group on support_group.organisation_id = ${organisation}
                                and support_group.code = support_group_code
         left join segment on segment.organisation_id = ${organisation} and segment.code = segment_code
         left join segment as segment_2 on segment_2.organisation_id = ${organisation} and segment_2.code = segment_2_code
        order by completed_at desc, page.id desc`,
      [...values, id],
    );
    return rows;
  }
}
