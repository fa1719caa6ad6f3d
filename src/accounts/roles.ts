import { roles, type Member, type Role } from './member.entity.js';

/** Who sees webhook pages, deliveries on other pages, and what they carry: they hold customers' words and secrets. */
export const WEBHOOK_ROLES: readonly Role[] = ['admin', 'developer'];

export function canSeeWebhooks({ role }: Pick<Member, 'role'>): boolean {
  return WEBHOOK_ROLES.includes(role);
}

/** What each role is called and may do, in the words of the pages. */
export const roleWords: Readonly<Record<Role, { label: string; may: string }>> = {
  admin: { label: 'Admin', may: 'Everything, and who else may do what' },
  developer: { label: 'Developer', may: 'Webhooks, the log, API keys and all that the others see' },
  support_lead: { label: 'Support Lead', may: 'Responses, invitations, directory and surveys; no webhooks' },
  viewer: { label: 'Viewer', may: 'Looks at responses and numbers; no webhooks' },
};

/** The role a form names; null for anything else. */
export function roleOf(given: unknown): Role | null {
  return roles.find((role) => role === given) ?? null;
}

/** A form's choice of roles. */
export function roleChoices(selected: Role | null) {
  return roles.map((value) => ({ value, ...roleWords[value], selected: value === selected }));
}
