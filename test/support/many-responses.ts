import type { Invitation } from '../../src/invitations/invitation.entity.js';
import type { TestWorker } from './app.js';

/** Old answers `T-1`, `T-2`, … from the oldest to the newest; 40 each at the very same microsecond, so that the id tells. */
export async function manyResponses(
  worker: TestWorker,
  { id }: Invitation,
  { count, overall, comments = '' }: { count: number; overall: number; comments?: string },
): Promise<void> {
  await worker.pool.query(
    `insert into response (organisation_id, survey_id, invitation_id, listening_post, survey_description, language,
       ticket_id, support_group_code, agent_id, customer_id, customer_name, customer_email, segment_code,
       segment_2_code, overall, factors, comments, completed_at)
     select organisation_id, survey_id, id, 'transactional', '', 'en', 'T-' || n, 'SDESK', '', '', '', '', '', '', $3, '{}',
            $4, timestamptz '2026-01-01 00:00:00.123456+00' + (n / 40) * interval '1 second'
       from invitation, generate_series(1, $2) n where id = $1`,
    [id, count, overall, comments],
  );
}
