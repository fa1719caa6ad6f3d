import { Injectable } from '@nestjs/common';
import { DatabasePool, type SqlStatement } from '../database/database-pool.js';
import type { BandCounts } from './net-promoter-score.js';

export const DAYS = 30;

export interface DayCounts extends BandCounts {
  /** `2026-11-22` */
  day: string;
}

export interface Commented {
  id: number;
  ticket_id: string;
  customer_name: string;
  customer_id: string;
  overall: number;
  comments: string;
  completed_at: Date;
}

/** Reads what the dashboard shows. Days are those of the organisation's time zone. */
@Injectable()
export class DailyScores {
  constructor(private readonly database: DatabasePool) {}

  /** The last 30 days, today the last of them; days without responses included. */
  async lastDays(organisationId: number, timeZone: string): Promise<DayCounts[]> {
    return this.database.run<DayCounts>(lastDaysStatement, [organisationId, timeZone]);
  }

  async latestComments(organisationId: number): Promise<Commented[]> {
    return this.database.run<Commented>(latestCommentsStatement, [organisationId]);
  }
}

/** The bands as in bandOf(). $1: organisation, $2: time zone. */
const lastDaysStatement: SqlStatement = {
  name: 'scores_of_the_last_days',
  text: `
with period as (
  select (clock_timestamp() at time zone $2::text)::date as today
),
answered as (
  select (completed_at at time zone $2::text)::date as day,
         count(*) filter (where overall >= 9)::integer as promoters,
         count(*) filter (where overall between 7 and 8)::integer as passives,
         count(*) filter (where overall <= 6)::integer as detractors
    from response
   where organisation_id = $1
     and completed_at >= (select (today - ${DAYS - 1})::timestamp at time zone $2::text from period)
   group by 1
)
select to_char(days.day, 'YYYY-MM-DD') as day, coalesce(promoters, 0) as promoters,
       coalesce(passives, 0) as passives, coalesce(detractors, 0) as detractors
  from period
 cross join generate_series(today - ${DAYS - 1}, today, interval '1 day') as days (day)
  left join answered on answered.day = days.day::date
 order by days.day`,
};

const latestCommentsStatement: SqlStatement = {
  name: 'latest_comments',
  text: `
select id, ticket_id, customer_name, customer_id, overall, comments, completed_at
  from response
 where organisation_id = $1 and comments <> ''
 order by completed_at desc, id desc
 limit 5`,
};
