import type { SqlStatement } from '../database/database-pool.js';
import { foundBy } from '../database/found-by.js';
import { ticketNamesSql, type TicketNamesRow } from '../directory/code-names.js';
import { insertInvitationSql, invitationFields } from '../invitations/invite.js';
import { eventSql } from '../outbox/outbox.js';

/** An answer to the same ticket within so many days of the last one replaces it. */
const REPLACEMENT_DAYS = 30;

/**
 * The response that an answer given now would replace. The arguments are expressions of SQL. `+ 0` keeps PostgreSQL from
 * looking through all responses of the organisation, which it finds as good as long as there are few.
 */
export function replaceableSql(organisationId: string, invitationId: string): string {
  return `select id from response
           where organisation_id + 0 = ${organisationId} and invitation_id = ${invitationId}
             and completed_at > clock_timestamp() - make_interval(days => ${REPLACEMENT_DAYS})
           order by completed_at desc limit 1`;
}

const ANSWERS = `json_build_object('overall', overall, 'factors', factors, 'comments', comments)`;

/**
 * All that an answer depends on, in one look. $1: survey, $2: ticket, $3: the form's one-time id or null; $4: organisation,
 * $5–$7: codes of the support group and of the two segments. `+ 0` also keeps it from going back through all submissions.
 */
export const lookBeforeSubmittingStatement: SqlStatement = {
  name: 'look_before_submitting',
  text: `
select clock_timestamp() as now, invitation.id as invitation_id, invitation.submissions,
       earlier.id is not null as replaces, coalesce(earlier.id, nextval('response_id_seq')) as response_id,
       (select ${ANSWERS}
          from submission where invitation_id = invitation.id and form_id = $3::text) as sent_before,
       (select ${ANSWERS}
          from submission where invitation_id = invitation.id and $3::text is not null order by id + 0 desc limit 1) as sent_last,
       ${ticketNamesSql('$4::bigint', { supportGroupCode: '$5::text', segmentCode: '$6::text', segment2Code: '$7::text' })}
  from (values (null)) as always
  left join invitation on survey_id = $1::bigint and ticket_id = $2::text
  left join lateral (${replaceableSql('$4::bigint', 'invitation.id')}) earlier on true`,
};

export interface StandingRow extends TicketNamesRow {
  /** By the database's clock. */
  now: Date;
  /** Null where the ticket has no invitation yet. */
  invitation_id: number | null;
  /** Of the invitation so far. */
  submissions: number | null;
  /** Whether the answer takes the place of an earlier one. */
  replaces: boolean;
  /** Of the earlier response, or what a new one will have. */
  response_id: number;
  /** What came under the same one-time id. */
  sent_before: SentAnswers | null;
  /** What came last, under any id. */
  sent_last: SentAnswers | null;
}

export interface SentAnswers {
  overall: number;
  factors: string[];
  comments: string;
}

/** What the statement below is given, beside the columns of a new invitation. */
const answerFields = `
  invitation_id bigint, response_id bigint, replaces boolean, form_id text, listening_post text,
  survey_description text, overall smallint, factors text[], comments text, completed_at timestamptz`;

/**
 * Saves an answer and the event of it: the invitation where the ticket has none, the response or its replacement, the
 * submission. $1: one JSON object with invitationFields and answerFields; $2: the event. Answers no row where another answer
 * or an invitation has come since the look: then nothing is written, and it takes another look.
 *
 * - Answers about one ticket come in a row because each counts on from what it saw: PostgreSQL makes the later of two
 *   updates wait for the earlier one and then compares anew.
 * - The response is found by its invitation: its number stands in the organisation's index, too, and behind what would not
 *   narrow that, so that PostgreSQL could take it for the primary key's.
 * - Events are partitioned. They are only inserted here: to look for some beside a row that others change could bring
 *   PostgreSQL down (docs/architecture.md, Claims).
 */
export const submitStatement: SqlStatement = {
  name: 'submit_response',
  text: `
with given as materialized (
  select * from json_to_record($1::json) as given(${invitationFields}, ${answerFields})
),
counted as (
  update invitation
     set submissions = given.submissions
    from given
   where ${foundBy('invitation.id', 'given.invitation_id')} and invitation.submissions = given.submissions - 1
  returning invitation.id
),
invited as (
  ${insertInvitationSql('where invitation_id is null')}
),
asked as materialized (
  select id from counted union all select id from invited
),
replaced as (
  update response
     set (survey_description, language, support_group_code, agent_id, customer_id, customer_name, customer_email,
          segment_code, segment_2_code, overall, factors, comments, completed_at) =
         (given.survey_description, given.language, given.support_group_code, given.agent_id, given.customer_id,
          given.customer_name, given.customer_email, given.segment_code, given.segment_2_code, given.overall,
          given.factors, given.comments, given.completed_at)
    from given cross join asked
   where ${foundBy('response.invitation_id', 'given.invitation_id')} and response.id + 0 = given.response_id
     and response.organisation_id + 0 = given.organisation_id and given.replaces
),
made_response as (
  insert into response (id, organisation_id, survey_id, invitation_id, listening_post, survey_description, language,
                        ticket_id, support_group_code, agent_id, customer_id, customer_name, customer_email,
                        segment_code, segment_2_code, overall, factors, comments, completed_at)
  overriding system value
  select response_id, organisation_id, survey_id, asked.id, listening_post, survey_description, language,
         ticket_id, support_group_code, agent_id, customer_id, customer_name, customer_email,
         segment_code, segment_2_code, overall, factors, comments, completed_at
    from given cross join asked
   where not replaces
),
submitted as (
  insert into submission (organisation_id, invitation_id, response_id, form_id, overall, factors, comments, submitted_at)
  select organisation_id, asked.id, response_id, form_id, overall, factors, comments, completed_at
    from given cross join asked
),
${eventSql('$2', 'where exists (select from asked)')}
select id from asked`,
};
