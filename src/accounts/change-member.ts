import type { EntityManager } from '@mikro-orm/postgresql';
import { LockMode } from '@mikro-orm/postgresql';
import { Member, type Role } from './member.entity.js';
import { endSessions } from './member-sessions.js';
import { Organisation } from './organisation.entity.js';

export type MemberChange =
  | { kind: 'changed'; member: Member; former: Role }
  | { kind: 'unchanged'; member: Member }
  | { kind: 'last_admin'; member: Member }
  | { kind: 'not_found' };

/** For the caller's transaction. The new role counts from the member's next request on. */
export async function changeRole(
  em: EntityManager,
  organisationId: number,
  memberId: number,
  role: Role,
): Promise<MemberChange> {
  const member = await lockMember(em, organisationId, memberId);
  if (!member) {
    return { kind: 'not_found' };
  }
  const former = member.role;
  if (former === role) {
    return { kind: 'unchanged', member };
  }
  if (await isLastAdmin(em, member)) {
    return { kind: 'last_admin', member };
  }
  member.role = role;
  await em.flush();
  return { kind: 'changed', member, former };
}

/** For the caller's transaction. What the member wrote stays; their sessions end. */
export async function removeMember(em: EntityManager, organisationId: number, memberId: number): Promise<MemberChange> {
  const member = await lockMember(em, organisationId, memberId);
  if (!member) {
    return { kind: 'not_found' };
  }
  if (await isLastAdmin(em, member)) {
    return { kind: 'last_admin', member };
  }
  member.remove(new Date());
  await em.flush();
  await endSessions(em, member.id, null);
  return { kind: 'changed', member, former: member.role };
}

/** For the caller's transaction. Ends every session, also one that is just being saved. */
export async function signOutEverywhere(
  em: EntityManager,
  organisationId: number,
  memberId: number,
): Promise<Member | null> {
  const member = await lockMember(em, organisationId, memberId);
  if (member) {
    member.endSessions();
    await em.flush();
    await endSessions(em, member.id, null);
  }
  return member;
}

/** Changes of an organisation's members come one after the other: two admins could otherwise demote each other. */
async function lockMember(em: EntityManager, organisationId: number, memberId: number): Promise<Member | null> {
  await em.findOneOrFail(Organisation, organisationId, { lockMode: LockMode.PESSIMISTIC_WRITE });
  return em.findOne(Member, { id: memberId, organisationId, removedAt: null }, { refresh: true });
}

async function isLastAdmin(em: EntityManager, { organisationId, role }: Member): Promise<boolean> {
  return role === 'admin' && (await em.count(Member, { organisationId, role: 'admin', removedAt: null })) === 1;
}
