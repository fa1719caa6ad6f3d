import type { DatabasePool, SqlStatement } from '../database/database-pool.js';
import type { DirectoryKind } from './directory-kinds.js';

/** The newest answers that are looked through: enough to see what a ticket system sends, and soon done. */
export const ANSWERS_LOOKED_AT = 50_000;
const MOST_CODES = 200;

/** A code that answers carry and that the directory does not know. */
export interface UnknownCode {
  kind: DirectoryKind;
  code: string;
  count: number;
}

/**
 * The codes in an organisation's newest answers that match nothing, the most frequent first. The names of
 * answers are looked up when they are shown, so that adding a code heals all of them.
 */
export async function unknownCodes(database: DatabasePool, organisationId: number): Promise<UnknownCode[]> {
  return database.run<UnknownCode & Record<string, unknown>>(statement, [organisationId]);
}

/** An answer whose two segments have one unknown code counts once. */
const statement: SqlStatement = {
  name: 'unknown_codes',
  text: `
with newest as materialized (
  select id, support_group_code, segment_code, segment_2_code
    from response
   where organisation_id = $1
   order by id desc
   limit ${ANSWERS_LOOKED_AT}),
carried as (
  select 'support-groups' as kind, support_group_code as code, count(*) as answers from newest group by 2
   union all
  select 'segments', segment.code, count(distinct id)
    from newest
   cross join lateral (values (segment_code), (segment_2_code)) as segment(code)
   where segment.code not in ('', 'NONE')
   group by segment.code)
select kind, code, answers::integer as count
  from carried
 where not exists (select from support_group
                    where kind = 'support-groups' and organisation_id = $1 and support_group.code = carried.code)
   and not exists (select from segment
                    where kind = 'segments' and organisation_id = $1 and segment.code = carried.code)
 order by answers desc, kind desc, code
 limit ${MOST_CODES}`,
};
