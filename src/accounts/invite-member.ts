import type { EntityManager } from '@mikro-orm/postgresql';
import { UniqueConstraintViolationException, raw } from '@mikro-orm/postgresql';
import type { FieldProblem } from '../web/problem.js';
import { invitationTokenHash, MemberInvitation, newInvitationToken } from './member-invitation.entity.js';
import { Member, type Role } from './member.entity.js';

export interface Invitee {
  organisationId: number;
  email: string;
  name: string;
  role: Role;
  invitedBy: number;
}

export type Invited =
  { kind: 'invited'; invitation: MemberInvitation; token: string } | { kind: 'refused'; errors: FieldProblem[] };

/**
 * Makes a link by which somebody becomes a member; an earlier link for the same e-mail stops working. This is the only
 * moment the token can be seen. Run it in a transaction. Whether another organisation knows the e-mail is not said: it is none of ours.
 */
export async function inviteMember(em: EntityManager, invitee: Invitee): Promise<Invited> {
  // Two invitations of one person at one moment wait for each other here, or the second would meet the first's row.
  await em.execute('select 1 from organisation where id = ? for no key update', [invitee.organisationId]);
  if (
    await em.findOne(Member, { organisationId: invitee.organisationId, removedAt: null, ...sameEmail(invitee.email) })
  ) {
    return {
      kind: 'refused',
      errors: [{ field: 'email', message: 'Somebody is a member under this e-mail already.' }],
    };
  }
  await withdrawInvitationsTo(em, invitee);
  const token = newInvitationToken();
  const [row] = await em.execute<[{ id: string }]>(
    `insert into member_invitation (organisation_id, email, name, role, token_hash, invited_by, expires_at)
     values (?, ?, ?, ?, ?, ?, clock_timestamp() + interval '7 days') returning id`,
    [invitee.organisationId, invitee.email, invitee.name, invitee.role, invitationTokenHash(token), invitee.invitedBy],
  );
  return { kind: 'invited', invitation: await em.findOneOrFail(MemberInvitation, Number(row.id)), token };
}

/** The open invitation that a link's token belongs to; null for one that is unknown, used, withdrawn or too old. */
export async function findInvitation(em: EntityManager, token: string): Promise<MemberInvitation | null> {
  return em.findOne(MemberInvitation, {
    tokenHash: invitationTokenHash(token),
    expiresAt: { $gt: raw('clock_timestamp()') },
  });
}

/**
 * Makes a member of whoever was invited; for the caller's transaction, which must end when this answers null. Of two
 * that use the link at the same time one joins.
 *
 * @returns null when the link has been used, or the e-mail has become somebody else's sign-in
 */
export async function joinByInvitation(
  em: EntityManager,
  invitation: MemberInvitation,
  details: { name: string; passwordHash: string },
): Promise<Member | null> {
  const { id, organisationId, email, role } = invitation;
  const used = await em.execute('delete from member_invitation where id = ? and token_hash = ? returning id', [
    id,
    invitation.tokenHash,
  ]);
  if (used.length === 0) {
    return null;
  }
  const member = em.create(Member, { organisationId, email, role, ...details });
  try {
    await em.flush();
    return member;
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) {
      return null;
    }
    throw error;
  }
}

async function withdrawInvitationsTo(em: EntityManager, { organisationId, email }: Invitee): Promise<void> {
  await em.execute('delete from member_invitation where organisation_id = ? and lower(email) = lower(?)', [
    organisationId,
    email,
  ]);
}

function sameEmail(email: string) {
  return { [raw((alias) => `lower(${alias}.email)`)]: raw('lower(?)', [email]) };
}
