import type { EntityManager } from '@mikro-orm/postgresql';
import { portalPage } from '../web/portal-page.js';
import { preferencesTabs } from '../web/preferences-tabs.js';
import type { FieldProblem } from '../web/problem.js';
import type { ShownOnce } from '../web/shown-once.js';
import type { AccountRequest } from './current.js';
import type { Invitee } from './invite-member.js';
import { MemberInvitation } from './member-invitation.entity.js';
import { Member } from './member.entity.js';
import { roleChoices, roleOf, roleWords } from './roles.js';
import { emailProblem, lineOf, nameProblem } from './text-fields.js';

export interface MembersForm {
  email?: unknown;
  name?: unknown;
  role?: unknown;
}

interface Correction {
  form: Invitee;
  errors: FieldProblem[];
}

/** What the members page shows of who is a member, who is invited, and the form as it was typed. */
export async function membersPage(
  em: EntityManager,
  request: AccountRequest,
  admin: Member,
  correction: Correction | null = null,
) {
  const { organisationId } = admin;
  const members = await em.find(Member, { organisationId, removedAt: null }, { orderBy: { name: 'asc', id: 'asc' } });
  const invitations = await em.find(MemberInvitation, { organisationId }, { orderBy: { id: 'desc' } });
  const admins = members.filter(({ role }) => role === 'admin').length;
  return {
    ...portalPage(request, 'Members', 'preferences'),
    tabs: preferencesTabs(admin.role, 'members'),
    members: members.map((member) => ({
      id: member.id,
      name: member.name,
      email: member.email,
      role: roleWords[member.role].label,
      roles: roleChoices(member.role),
      isSelf: member.id === admin.id,
      isLastAdmin: member.role === 'admin' && admins === 1,
      lastSignIn: member.lastSignedInAt,
    })),
    invitations: invitations.map((invitation) => ({
      id: invitation.id,
      name: invitation.name,
      email: invitation.email,
      role: { value: invitation.role, label: roleWords[invitation.role].label },
      expiresAt: invitation.expiresAt,
      expired: !invitation.isOpen(new Date()),
    })),
    form: {
      name: correction?.form.name ?? '',
      email: correction?.form.email ?? '',
      roles: roleChoices(correction?.form.role ?? 'viewer'),
    },
    errors: correction?.errors ?? [],
    invited: null,
  };
}

/** What was typed, and what is wrong with it. */
export function readInvitee(
  body: MembersForm | undefined,
  admin: Member,
): { invitee: Invitee; errors: FieldProblem[] } {
  const role = roleOf(body?.role);
  const invitee = {
    organisationId: admin.organisationId,
    invitedBy: admin.id,
    name: lineOf(body?.name),
    email: lineOf(body?.email),
    role: role ?? ('viewer' as const),
  };
  const problems = {
    name: nameProblem(invitee.name),
    email: emailProblem(invitee.email),
    role: role ? null : 'Choose a role.',
  };
  const errors = Object.entries(problems).flatMap(([field, message]) => (message ? [{ field, message }] : []));
  return { invitee, errors };
}

/** The link of an invitation, on its way to the page that shows it. */
export function shownInvitation({ organisationId, id }: MemberInvitation): ShownOnce {
  return { organisationId, subject: `member invitation ${id}` };
}
