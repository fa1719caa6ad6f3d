import type { DatabasePool } from '../database/database-pool.js';

/** Which invitations to list, newest first: below a number, or the page before one, or one alone. */
export interface Wanted {
  before?: number;
  after?: number;
  only?: number;
}

export interface ListedInvitation {
  id: number;
  organisationId: number;
  ticketId: string;
  supportGroupCode: string;
  supportGroupName: string | null;
  agentId: string;
  customerId: string;
  customerName: string;
  tokenHash: Buffer;
  tokenEncrypted: string;
  createdAt: Date;
  expiresAt: Date | null;
  isExpired: boolean;
  answeredAt: Date | null;
}

/**
 * An organisation's invitations with their state, at most `limit`, newest first. The answers belong to a
 * room that knows this one and not the other way round: all that is asked of their table is when.
 */
export async function listInvitations(
  database: DatabasePool,
  organisationId: number,
  { before, after, only }: Wanted,
  limit: number,
): Promise<ListedInvitation[]> {
  const [condition, bound] =
    only !== undefined ? ['id = $2', only] : after !== undefined ? ['id > $2', after] : ['id < $2', before ?? NO_BOUND];
  const { rows } = await database.query<ListedInvitation>(listSql(condition, after === undefined ? 'desc' : 'asc'), [
    organisationId,
    bound,
    limit,
  ]);
  return rows;
}

const NO_BOUND = Number.MAX_SAFE_INTEGER;

function listSql(condition: string, direction: 'asc' | 'desc'): string {
  return `
with page as materialized (
  select * from invitation where organisation_id = $1 and ${condition} order by id ${direction} limit $3)
select page.id, page.organisation_id as "organisationId", page.ticket_id as "ticketId",
       page.support_group_code as "supportGroupCode", support_group.name as "supportGroupName",
       page.agent_id as "agentId", page.customer_id as "customerId", page.customer_name as "customerName",
       page.token_hash as "tokenHash", page.token_encrypted as "tokenEncrypted", page.created_at as "createdAt",
       page.expires_at as "expiresAt", coalesce(page.expires_at <= clock_timestamp(), false) as "isExpired",
       answer.completed_at as "answeredAt"
  from page
  left join support_group on support_group.organisation_id = $1 and support_group.code = page.support_group_code
  left join lateral (
       select completed_at from response
        where invitation_id = page.id order by completed_at desc limit 1) answer on true
 order by page.id desc`;
}
