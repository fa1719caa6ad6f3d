import { roles, type Role } from '../../src/accounts/member.entity.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { answer, buildInvitation, buildOrganisation } from '../support/factories.js';
import { routesOf } from '../support/routes.js';
import { buildMember, signIn, startWeb, Visitor, type TestWeb } from '../support/web.js';

const EVERYBODY: readonly Role[] = roles;
const WIRING: readonly Role[] = ['admin', 'developer'];
const SETTING_UP: readonly Role[] = ['admin', 'developer', 'support_lead'];
const ADMIN: readonly Role[] = ['admin'];

/** Every route of the portal behind signing in, and who may use it. A route that is missing here fails a test. */
const routes: Record<string, readonly Role[]> = {
  'GET /dashboard': EVERYBODY,
  'GET /responses': EVERYBODY,
  'GET /responses.csv': EVERYBODY,
  'GET /responses/:id': EVERYBODY,
  'GET /service-recovery-notes': EVERYBODY,
  'POST /service-recovery-notes': EVERYBODY,
  'GET /invitations': EVERYBODY,
  'POST /invitations': SETTING_UP,
  'GET /directory': EVERYBODY,
  'POST /directory/:kind': SETTING_UP,
  'GET /directory/:kind/:id': SETTING_UP,
  'POST /directory/:kind/:id': SETTING_UP,
  'GET /surveys': EVERYBODY,
  'POST /surveys/:code': WIRING,
  'GET /account': EVERYBODY,
  'POST /account/name': EVERYBODY,
  'POST /account/password': EVERYBODY,
  'POST /account/ended-sessions': EVERYBODY,
  'GET /preferences': EVERYBODY,
  'GET /preferences/general': EVERYBODY,
  'POST /preferences/general': ADMIN,
  'GET /preferences/api-keys': WIRING,
  'POST /preferences/api-keys': WIRING,
  'POST /preferences/api-keys/:id/revocation': WIRING,
  'GET /preferences/integration': WIRING,
  'POST /preferences/integration/:listeningPost': WIRING,
  'POST /preferences/integration/:listeningPost/test-deliveries': WIRING,
  'POST /preferences/integration/:listeningPost/signing-secrets': WIRING,
  'POST /preferences/integration/:listeningPost/signing-secrets/:id/end': WIRING,
  'GET /webhook-log': WIRING,
  'GET /webhook-log/:webhookId': WIRING,
  'POST /webhook-log/:webhookId/redelivery': WIRING,
  'GET /webhooks/:id': WIRING,
  'POST /webhooks/:id/switch': WIRING,
  'GET /redeliveries': WIRING,
  'POST /redeliveries': WIRING,
  'POST /redeliveries/:id/cancellation': WIRING,
  'GET /receiver': WIRING,
  'POST /receiver-settings': WIRING,
  'GET /members': ADMIN,
  'POST /members/invitations': ADMIN,
  'POST /members/invitations/:id/withdrawal': ADMIN,
  'POST /members/:id/role': ADMIN,
  'POST /members/:id/ended-sessions': ADMIN,
  'POST /members/:id/removal': ADMIN,
  'GET /audit': ADMIN,
};

/** Routes that are nobody's: customers', programs', the receiver's calls, and the way in. */
const PUBLIC = /^[\w-]+ \/(?:$|s\/|t$|t\/|api\/|health\/|metrics$|receiver\/|sign-in$|sign-out$|join\/)/;

const samples: Record<string, string> = {
  ':kind': 'support-groups',
  ':code': 'demo',
  ':listeningPost': 'transactional',
  ':webhookId': '0000000000001',
};

let database: TestDatabase;
let web: TestWeb;
let visitors: Map<Role, Visitor>;
let responseId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database);
  const { organisation, survey } = await buildOrganisation(web, null);
  await answer(web, survey, await buildInvitation(web, survey));
  const { rows } = await web.pool.query<{ id: number }>('select id from response');
  responseId = String(rows[0]!.id);
  visitors = new Map();
  for (const role of roles) {
    const { email, password } = await buildMember(web, { organisationId: organisation.id, role });
    visitors.set(role, await signIn(web, email, password));
  }
}, 60_000);
afterAll(async () => {
  await web?.close();
  await database?.drop();
});

function pathOf(route: string): string {
  const path = route.split(' ')[1]!.replace(/:\w+/g, (name) => samples[name] ?? responseId);
  return path === '/service-recovery-notes' ? `${path}?id=${responseId}` : path;
}

test('no route of the portal is missing in this table', () => {
  const registered = routesOf(web)
    .map(({ name }) => name)
    .filter((route) => !PUBLIC.test(route));
  expect(registered.toSorted()).toEqual(Object.keys(routes).toSorted());
});

describe.each(roles.map((role) => [role]))('a member who is %s', (role) => {
  const table = Object.entries(routes).map(
    ([route, allowed]) => [allowed.includes(role) ? 'may' : 'may not', route] as const,
  );

  test.each(table)('%s %s', async (may, route) => {
    const visitor = visitors.get(role)!;
    const { status } = await (route.startsWith('GET') ? visitor.get(pathOf(route)) : visitor.post(pathOf(route)));
    if (may === 'may') {
      // With nothing sent, or for a thing that is not there, they are told what is missing.
      expect([200, 302, 303, 404, 409, 422]).toContain(status);
    } else {
      expect(status).toBe(403);
    }
  });

  test('sees in the menu just the pages that open, and can sign out on each', async () => {
    const { text } = await visitors.get(role)!.get('/dashboard');
    const menu = new Set([...text.matchAll(/class="nav-link" href="([^"]+)"/g)].map((match) => match[1]!));
    for (const href of menu) {
      const page = await visitors.get(role)!.get(href).redirects(2);
      expect(page.status).toBe(200);
      expect(page.text).toContain('action="/sign-out"');
    }
    expect(menu.has('/webhook-log')).toBe(WIRING.includes(role));
    expect(menu.has('/audit')).toBe(ADMIN.includes(role));
  });
});

test.each(Object.keys(routes))('nobody uses %s without signing in', async (route) => {
  const visitor = new Visitor(web);
  const { status, headers } = await (route.startsWith('GET')
    ? visitor.get(pathOf(route))
    : visitor.post(pathOf(route)));
  expect(status).toBe(303);
  expect(headers.location).toMatch(/^\/sign-in/);
});
