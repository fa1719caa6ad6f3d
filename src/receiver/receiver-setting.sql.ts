import type { SqlStatement } from '../database/database-pool.js';

/** The setting of an organisation ($1); no row while nobody has chosen. */
export const settingStatement: SqlStatement = {
  name: 'receiver_setting',
  text: 'select answer, code, seconds from receiver_setting where organisation_id = $1',
};

/** The same by portal code ($1), with the organisation; no row when nobody has the code. */
export const settingByPortalCodeStatement: SqlStatement = {
  name: 'receiver_setting_by_portal_code',
  text: `
select answer, code, seconds
  from organisation
  left join receiver_setting on receiver_setting.organisation_id = organisation.id
 where portal_code = $1`,
};

/** For MikroORM's execute(), which takes question marks. */
export const changeSettingSql = `
insert into receiver_setting (organisation_id, answer, code, seconds) values (?, ?, ?, ?)
on conflict (organisation_id) do update
   set answer = excluded.answer, code = excluded.code, seconds = excluded.seconds, updated_at = clock_timestamp()`;

export interface SettingRow {
  answer: string | null;
  code: number | null;
  seconds: number | null;
}
