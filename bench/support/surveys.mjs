/** Surveys to be answered: links of customers, and a process that answers them. */
import { fromBuild } from './ground.mjs';

/** The form that every customer sends, but for its one-time id. */
export const FORM = 'overall=9&factors=Speed&factors=Knowledge&comments=Quick+and+friendly%2C+thank+you.';

/** Makes a survey of the organisation, and invitations to it. Answers the paths of their links. */
export async function buildSurveyLinks(ground, organisationId, count) {
  const { Keyring } = await fromBuild('config/keyring.js');
  const { linkPath, newToken } = await fromBuild('invitations/invitation-link.js');
  const keyring = Keyring.parse(ground.keys);
  const { rows } = await ground.admin.query(
    `insert into survey (organisation_id, code, listening_post, description, thank_you_text)
     values ($1, $2, 'transactional', 'Survey', 'Thank you.') returning id`,
    [organisationId, `bench${organisationId}x${Date.now()}`],
  );
  const surveyId = rows[0].id;
  const paths = [];
  const CHUNK = 2_000;
  for (let made = 0; made < count; made += CHUNK) {
    const tokens = Array.from({ length: Math.min(CHUNK, count - made) }, () => newToken(keyring, organisationId));
    await ground.admin.query(
      `insert into invitation (organisation_id, survey_id, ticket_id, token_hash, token_encrypted, support_group_code,
                               agent_id, customer_id, customer_name, customer_email, segment_code, segment_2_code, language)
       select $1, $2, 'INC' || $3::integer + n, hash, encrypted, 'SDESK', '', 'carole', '', '', 'NZ', '', 'en'
         from unnest($4::bytea[], $5::text[]) with ordinality as token(hash, encrypted, n)`,
      [organisationId, surveyId, made, tokens.map((one) => one.tokenHash), tokens.map((one) => one.tokenEncrypted)],
    );
    paths.push(...tokens.map((token) => linkPath(keyring, { ...token, organisationId })));
  }
  await ground.admin.query('analyze invitation');
  return paths;
}
