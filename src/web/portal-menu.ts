/** A page of the portal's main menu. */
export interface MenuEntry {
  section: string;
  label: string;
  href: string;
  /** Who sees it; everybody when it is left out. */
  roles?: readonly string[];
}

const WIRING = ['admin', 'developer'] as const;
const ADMIN = ['admin'] as const;

/** In the order of the day: how are we doing, what did they say, did it arrive, and what is set up. */
const menu = [
  { section: 'dashboard', label: 'Dashboard', href: '/dashboard' },
  { section: 'responses', label: 'Responses', href: '/responses' },
  { section: 'webhookLog', label: 'Webhook Log', href: '/webhook-log', roles: WIRING },
  { section: 'invitations', label: 'Invitations', href: '/invitations' },
  { section: 'directory', label: 'Directory', href: '/directory' },
  { section: 'surveys', label: 'Surveys', href: '/surveys' },
  { section: 'preferences', label: 'Preferences', href: '/preferences' },
  { section: 'receiver', label: 'Receiver', href: '/receiver', roles: WIRING },
  { section: 'audit', label: 'Audit', href: '/audit', roles: ADMIN },
] as const satisfies readonly MenuEntry[];

export type PortalSection = (typeof menu)[number]['section'];

/** The entries that a member of this role may open. */
export function menuFor(role: string, active: PortalSection | null) {
  const entries: readonly MenuEntry[] = menu;
  return entries
    .filter(({ roles }) => roles === undefined || roles.includes(role))
    .map(({ section, label, href }) => ({ label, href, active: section === active }));
}
