export type PreferencesTab = 'integration' | 'general' | 'apiKeys' | 'members';

const WIRING: readonly string[] = ['admin', 'developer'];
const ADMIN: readonly string[] = ['admin'];

const tabs: readonly { tab: PreferencesTab; label: string; href: string; roles?: readonly string[] }[] = [
  { tab: 'integration', label: 'Integration', href: '/preferences/integration', roles: WIRING },
  { tab: 'general', label: 'General', href: '/preferences/general' },
  { tab: 'apiKeys', label: 'API keys', href: '/preferences/api-keys', roles: WIRING },
  { tab: 'members', label: 'Members', href: '/members', roles: ADMIN },
];

/** What views/preferences/_tabs.hbs shows: the pages of Preferences that a member of this role may open. */
export function preferencesTabs(role: string, active: PreferencesTab) {
  return tabs
    .filter(({ roles }) => roles === undefined || roles.includes(role))
    .map(({ tab, label, href }) => ({ label, href, active: tab === active }));
}

/** Where Preferences begin for this role. */
export function firstPreferencesPage(role: string): string {
  return tabs.find(({ roles }) => roles === undefined || roles.includes(role))!.href;
}
