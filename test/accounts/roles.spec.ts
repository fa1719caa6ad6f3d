import { roles, type Role } from '../../src/accounts/member.entity.js';
import { canSeeWebhooks } from '../../src/accounts/roles.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { buildBareOrganisation, buildMember, signIn, startWeb, Visitor, type TestWeb } from '../support/web.js';

let database: TestDatabase;
let web: TestWeb;
const visitors = new Map<Role | 'nobody', Visitor>();

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database);
  const { id: organisationId } = await buildBareOrganisation(web);
  for (const role of roles) {
    const { email, password } = await buildMember(web, { organisationId, role });
    visitors.set(role, await signIn(web, email, password));
  }
  visitors.set('nobody', new Visitor(web));
});
afterAll(async () => {
  await web?.close();
  await database?.drop();
});

/** What each role gets, in the order admin, developer, support lead, viewer, nobody. */
const table: [method: 'GET' | 'POST', path: string, statuses: number[]][] = [
  ['GET', '/sign-in', [200, 200, 200, 200, 200]],
  ['GET', '/join/made-up', [404, 404, 404, 404, 404]],
  ['POST', '/join/made-up', [404, 404, 404, 404, 404]],
  ['GET', '/account', [200, 200, 200, 200, 303]],
  ['POST', '/account/name', [422, 422, 422, 422, 303]],
  ['POST', '/account/password', [422, 422, 422, 422, 303]],
  ['POST', '/account/ended-sessions', [303, 303, 303, 303, 303]],
  ['GET', '/members', [200, 403, 403, 403, 303]],
  ['POST', '/members/invitations', [422, 403, 403, 403, 303]],
  ['POST', '/members/invitations/0/withdrawal', [404, 403, 403, 403, 303]],
  ['POST', '/members/0/role', [303, 403, 403, 403, 303]],
  ['POST', '/members/0/removal', [404, 403, 403, 403, 303]],
  ['GET', '/audit', [200, 403, 403, 403, 303]],
];

describe.each(table)('%s %s', (method, path, statuses) => {
  it.each([...roles, 'nobody' as const].map((role, index) => [role, statuses[index]!] as const))(
    'answers a %s with %i',
    async (role, status) => {
      const visitor = visitors.get(role)!;
      const reply = await (method === 'GET' ? visitor.get(path) : visitor.post(path));
      expect(reply.status).toBe(status);
      expect(reply.headers['cache-control']).toBe('no-store');
      if (status === 403) {
        expect(reply.text).toContain('Your role does not include this page.');
      }
      if (role === 'nobody' && status === 303) {
        expect(reply.headers.location).toMatch(/^\/sign-in/);
      }
    },
  );
});

test('only admins and developers see webhooks', () => {
  expect(roles.filter((role) => canSeeWebhooks({ role }))).toEqual(['admin', 'developer']);
});

test('the menu leads to nothing that the role may not open', async () => {
  const { text: viewer } = await visitors.get('viewer')!.get('/account');
  const { text: admin } = await visitors.get('admin')!.get('/account');
  for (const href of ['/audit', '/webhook-log', '/receiver']) {
    expect(viewer).not.toContain(`href="${href}"`);
    expect(admin).toContain(`href="${href}"`);
  }
});
