import type { SqlStatement } from '../database/database-pool.js';

/** How many calls of an organisation are kept. */
export const CALLS_KEPT = 100;

/**
 * Keeps a call for the organisation with this portal code ($1) and lets go of what is older than the last
 * hundred. $2: method, $3: path, $4: headers, $5: body, $6: whether it was cut, $7: what it gets. Answers no row when nobody
 * has the code. The deletion does not see the new row, so it leaves one place for it; two calls at once may
 * leave one too many, until the next.
 */
export const keepCallStatement: SqlStatement = {
  name: 'keep_receiver_call',
  text: `
with owner as (
  select id from organisation where portal_code = $1
),
let_go as (
  delete from receiver_call
   using owner
   where receiver_call.organisation_id = owner.id
     and receiver_call.id <= (select kept.id
                                from receiver_call kept
                               where kept.organisation_id = owner.id
                               order by kept.id desc
                              offset ${CALLS_KEPT - 1} limit 1)
)
insert into receiver_call (organisation_id, method, path, headers, body, body_truncated, answered)
select id, $2::text, $3::text, $4::json, $5::bytea, $6::boolean, $7::text from owner
returning id`,
};

/** The calls kept for an organisation ($1), newest first. */
export const lastCallsStatement: SqlStatement = {
  name: 'last_receiver_calls',
  text: `
select id, method, path, headers, body, body_truncated, received_at, answered
  from receiver_call
 where organisation_id = $1
 order by id desc
 limit ${CALLS_KEPT}`,
};

export interface ReceivedCallRow {
  id: number;
  method: string;
  path: string;
  headers: [string, string][];
  body: Buffer;
  body_truncated: boolean;
  received_at: Date;
  answered: string;
}
