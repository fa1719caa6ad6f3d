/** Samples of the pages of src/accounts, for src/web/views.spec.ts. */
export function accountPages(portal: object): Record<string, Record<string, unknown>> {
  const moment = '2026-11-22 02:31:05';
  const role = { label: 'Support Lead', may: 'Responses and directory' };
  const roles = [{ value: 'viewer', ...role, selected: true }];
  return {
    'account/show': {
      ...portal,
      email: 'mary@example.com',
      name: 'Mary Member',
      role,
      sessions: [
        {
          handle: 'a0',
          signedInAt: moment,
          lastSeenAt: moment,
          address: '192.0.2.1',
          browser: 'Firefox 145 on Windows',
          current: false,
        },
      ],
      othersCount: 1,
      errors: errorsOn('name', 'current', 'password', 'again'),
    },
    'members/join': {
      ...portal,
      joined: 'DemoCorp',
      action: '/join/token',
      email: 'mary@example.com',
      role,
      name: 'Mary Member',
      errors: errorsOn('name', 'password', 'again'),
    },
    'members/index': {
      ...portal,
      tabs: [{ label: 'Members', href: '/members', active: true }],
      members: [
        {
          id: '1',
          name: 'Mary Member',
          email: 'mary@example.com',
          roles: [{ value: 'viewer', label: 'Viewer', selected: true }],
          isSelf: true,
          isLastAdmin: false,
          lastSignIn: moment,
        },
        { name: 'Ada Admin', email: 'ada@example.com', role: 'Admin', isLastAdmin: true, lastSignIn: null },
      ],
      invitations: [
        {
          id: '3',
          name: 'Nina New',
          email: 'nina@example.com',
          role: { value: 'viewer', label: 'Viewer' },
          expiresAt: moment,
          expired: false,
        },
      ],
      form: { name: 'typed', email: 'typed@example.com', roles },
      errors: errorsOn('name', 'email', 'role'),
      invited: { email: 'nina@example.com', link: 'https://portal.example.com/join/token' },
    },
    'audit/index': {
      ...portal,
      entries: [
        {
          at: moment,
          actor: 'mary@example.com',
          action: 'Role changed',
          target: 'nina@example.com',
          details: [{ name: 'from', value: 'Viewer' }],
          address: '192.0.2.1',
        },
      ],
      otherPages: true,
      newestHref: '/audit',
      olderHref: '/audit?before=12',
    },
  };
}

function errorsOn(...fields: string[]) {
  return fields.map((field) => ({ field, message: 'Look here' }));
}
