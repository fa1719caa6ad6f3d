import type { SqlStatement } from '../database/database-pool.js';

/** Nothing but failures for so long is no matter of patience any more. From the first failure to the last. */
export const FAILING_DAYS = 5;

/** Of a row of webhook_trouble: whether it is time to do something. */
const IS_LASTING = `(gone_at is not null or last_failed_at - failing_since >= interval '${FAILING_DAYS} days')`;

/** Webhooks that are on and in lasting trouble of which nobody was told. */
export const lastingTroubleStatement: SqlStatement = {
  name: 'lasting_trouble',
  text: `
select webhook.id
  from webhook_trouble trouble
  join webhook on webhook.id = trouble.webhook_id
 where told_at is null and ${IS_LASTING} and webhook.enabled and webhook.deleted_at is null
 order by webhook.id
 limit 100`,
};

/** As above of one webhook (?), when it is still so; nobody else tells of it meanwhile. */
export const takeTroubleSql = `
update webhook_trouble
   set told_at = clock_timestamp()
 where webhook_id = ? and told_at is null and ${IS_LASTING}
returning case when gone_at is not null then 'gone' else 'failing' end as kind, failing_since`;

/** The webhooks of an organisation ($1) that every page tells of: switched off by themselves, or in lasting trouble. */
export const noticesStatement: SqlStatement = {
  name: 'webhook_notices',
  text: `
select webhook.id, webhook.name, webhook.preset, webhook.enabled, webhook.switched_off_at, trouble.failing_since,
       coalesce(webhook.switched_off_because, case when trouble.gone_at is not null then 'gone' else 'failing' end) as kind
  from webhook
  left join webhook_trouble trouble on trouble.webhook_id = webhook.id and trouble.told_at is not null
 where webhook.organisation_id = $1 and webhook.deleted_at is null
   and case when webhook.enabled then trouble.webhook_id is not null else webhook.switched_off_at is not null end
 order by webhook.id
 limit 3`,
};

export interface NoticeRow {
  id: number;
  name: string;
  preset: string | null;
  enabled: boolean;
  /** Never null of one that is off. */
  switched_off_at: Date | null;
  failing_since: Date | null;
  kind: 'gone' | 'failing';
}
