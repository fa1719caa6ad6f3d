import { roles, type Role } from '../../src/accounts/member.entity.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { buildOrganisation } from '../support/factories.js';
import { buildMember, signIn, startWeb, Visitor, type TestWeb } from '../support/web.js';

const EVERYBODY: readonly Role[] = roles;
const WIRING: readonly Role[] = ['admin', 'developer'];
const ADMIN: readonly Role[] = ['admin'];

/** Every page of the portal, and who may open it. */
const pages: [path: string, allowed: readonly Role[]][] = [
  ['/dashboard', EVERYBODY],
  ['/responses', EVERYBODY],
  ['/invitations', EVERYBODY],
  ['/directory', EVERYBODY],
  ['/surveys', EVERYBODY],
  ['/preferences/general', EVERYBODY],
  ['/account', EVERYBODY],
  ['/webhook-log', WIRING],
  ['/preferences/integration', WIRING],
  ['/preferences/api-keys', WIRING],
  ['/receiver', WIRING],
  ['/members', ADMIN],
  ['/audit', ADMIN],
];

/** What changes something, and who may. With nothing sent, who may is told what is missing. */
const changes: [path: string, allowed: readonly Role[]][] = [
  ['/preferences/integration/transactional', WIRING],
  ['/preferences/integration/transactional/test-deliveries', WIRING],
  ['/preferences/integration/transactional/signing-secrets', WIRING],
  ['/preferences/general', ADMIN],
  ['/preferences/api-keys', WIRING],
  ['/receiver-settings', WIRING],
  ['/webhook-log/0000000000001/redelivery', WIRING],
  ['/members/invitations', ADMIN],
  ['/members/1/role', ADMIN],
  ['/members/1/removal', ADMIN],
  ['/surveys/demo', WIRING],
  ['/invitations', ['admin', 'developer', 'support_lead']],
];

let database: TestDatabase;
let web: TestWeb;
let visitors: Map<Role, Visitor>;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database);
  const { organisation } = await buildOrganisation(web, null);
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

describe.each(roles.map((role) => [role]))('a member who is %s', (role) => {
  test.each(pages)('and the page %s', async (path, allowed) => {
    const { status } = await visitors.get(role)!.get(path);
    expect(status).toBe(allowed.includes(role) ? 200 : 403);
  });

  test.each(changes)('and the change %s', async (path, allowed) => {
    const { status } = await visitors.get(role)!.post(path);
    if (allowed.includes(role)) {
      expect([303, 404, 409, 422]).toContain(status);
    } else {
      expect(status).toBe(403);
    }
  });

  test('sees in the menu just the pages that open', async () => {
    const { text } = await visitors.get(role)!.get('/dashboard');
    const menu = new Set([...text.matchAll(/class="nav-link" href="([^"]+)"/g)].map((match) => match[1]!));
    for (const href of menu) {
      expect((await visitors.get(role)!.get(href).redirects(2)).status).toBe(200);
    }
    expect(menu.has('/webhook-log')).toBe(WIRING.includes(role));
    expect(menu.has('/audit')).toBe(ADMIN.includes(role));
  });
});

test.each([...pages, ...changes].map(([path]) => [path] as const))(
  'nobody opens %s without signing in',
  async (path) => {
    const { status, headers } = await new Visitor(web).get(path);
    expect([303, 404, 405]).toContain(status);
    if (status === 303) {
      expect(headers.location).toMatch(/^\/sign-in/);
    }
  },
);
