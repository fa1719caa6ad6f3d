import type { SqlStatement } from '../database/database-pool.js';

/** Seconds from the beginning of a try to the next one. */
const WAITS = [60, 300, 1_800, 7_200, 21_600];
const KEPT_DAYS = 30;

/** Takes the mail that is due the longest, and moves it to when it is tried again should nothing be heard of this try. */
export const takeMailStatement: SqlStatement = {
  name: 'take_mail',
  text: `
update mail
   set tries = tries + 1,
       due_at = clock_timestamp()
         + make_interval(secs => (array[${WAITS.join(', ')}])[least(tries + 1, ${WAITS.length})])
 where id = (select id from mail
              where status = 'waiting' and due_at <= clock_timestamp()
              order by due_at
              limit 1
                for update skip locked)
returning id, recipient, subject, body, tries > ${WAITS.length} as is_last`,
};

export interface MailRow {
  id: number;
  recipient: string;
  subject: string;
  body: string;
  /** No try comes after this one. */
  is_last: boolean;
}

/** What came of a try of a mail ($1): its status now ($2) and, of a failure, why ($3). */
export const mailEndedStatement: SqlStatement = {
  name: 'mail_ended',
  text: `
update mail
   set status = $2, last_error = $3, ended_at = case when $2 <> 'waiting' then clock_timestamp() end
 where id = $1`,
};

export const forgetMailsStatement: SqlStatement = {
  name: 'forget_mails',
  text: `delete from mail where ended_at < clock_timestamp() - interval '${KEPT_DAYS} days'`,
};
