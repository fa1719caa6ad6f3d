import supertest from 'supertest';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { buildMember, signIn, startWeb, type TestWeb } from '../support/web.js';
import { TestRoutes } from '../support/web-routes.js';

let database: TestDatabase;
let web: TestWeb;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database, { PROCESS: 'web' }, [TestRoutes]);
});

afterAll(async () => {
  await web?.close();
  await database?.drop();
});

const POLICY =
  "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none'";

const answers: [string, number][] = [
  ['/sign-in', 200],
  ['/test/page', 303],
  ['/nowhere', 404],
  ['/%', 400],
  ['/sign-out', 405],
  ['/s/unknown', 404],
  ['/?tc=ts', 400],
  ['/api/v1/test', 401],
  ['/api/v1/nowhere', 404],
  ['/health/live', 200],
  ['/assets/portal.css', 200],
  ['/assets/nowhere.css', 404],
];

describe('an answer', () => {
  it.each(answers)('at %s (%i) carries every security header', async (path, status) => {
    const { headers, status: answered } = await supertest(web.url).get(path);
    // The survey's own pages decide their status.
    expect(answered >= 400 && status >= 400 ? status : answered).toBe(status);
    expect(headers).toMatchObject({
      'content-security-policy': POLICY,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('strict-transport-security');
  });

  it.each(answers)('at %s (%i) stays in no cache, unless it is an asset', async (path, status) => {
    const { headers } = await supertest(web.url).get(path);
    const cached = path.startsWith('/assets') && status === 200;
    expect(headers['cache-control']).toBe(cached ? 'no-cache' : 'no-store');
  });

  it.each(answers)('at %s (%i) sets a cookie for the portal’s forms only', async (path) => {
    const { headers } = await supertest(web.url).get(path);
    expect(headers['set-cookie'] !== undefined).toBe(path === '/sign-in');
  });

  it('has a page without anything inline', async () => {
    const { text } = await supertest(web.url).get('/sign-in');
    expect(text).not.toMatch(/<style|style=|<script>|\son\w+=/);
  });

  it('of a page says to the browser to name our own origin in forms, which no-referrer would hide', async () => {
    const { text } = await supertest(web.url).get('/sign-in');
    expect(text).toContain('<meta name="referrer" content="same-origin">');
  });
});

describe('with a BASE_URL of https', () => {
  let secure: TestWeb;
  beforeAll(async () => {
    secure = await startWeb(database, { BASE_URL: 'https://answers.example.com', PROCESS: 'web' });
  });
  afterAll(() => secure?.close());

  it('browsers are told to stay with https', async () => {
    const { headers } = await supertest(secure.url).get('/sign-in').expect(200);
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
    expect(headers['content-security-policy']).toBe(`${POLICY};upgrade-insecure-requests`);
  });

  it('the cookie is bound to this host, also behind a proxy that nobody named', async () => {
    const { headers } = await supertest(secure.url).get('/sign-in').set('X-Forwarded-Proto', 'http').expect(200);
    expect(headers['set-cookie']![0]).toMatch(
      /^__Host-answerback=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it('forms come from there, and from no page without https', async () => {
    expect(await signOutFrom(secure, 'https://answers.example.com')).toBe(401);
    expect(await signOutFrom(secure, 'http://answers.example.com')).toBe(403);
  });
});

describe('a form', () => {
  const foreign: [string, Record<string, string>][] = [
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['another host of the same site', { 'Sec-Fetch-Site': 'same-site' }],
    ['another site, although the origin looks right', { 'Sec-Fetch-Site': 'cross-site', Origin: 'OWN' }],
    ['a foreign origin', { Origin: 'https://evil.example' }],
    ['another port', { Origin: 'http://127.0.0.1:1' }],
    ['a hidden origin', { Origin: 'null' }],
    ['nowhere', {}],
  ];

  it.each(foreign)('from %s is refused, with the right token too', async (_name, headers) => {
    const { email, password } = await buildMember(web);
    const visitor = await signIn(web, email, password);
    const token = await visitor.token();
    const own = headers.Origin === 'OWN' ? { ...headers, Origin: web.url } : headers;
    for (const path of ['/test/flash', '/sign-in', '/sign-out']) {
      const refused = visitor.agent.post(path).type('form').set('Accept', 'application/json').set(own);
      expect((await refused.send({ _csrf: token, email, password, text: 'forged' }).expect(403)).body.code).toBe(
        'foreign_request',
      );
    }
    expect((await visitor.get('/test/page').expect(200)).text).not.toContain('forged');
  });

  it('without the token, or with another session’s, is refused', async () => {
    const { email, password } = await buildMember(web);
    const visitor = await signIn(web, email, password);
    const other = await signIn(web, email, password);
    const foreignToken = await other.token();
    const attempts: Record<string, string>[] = [{}, { _csrf: '' }, { _csrf: 'wrong' }, { _csrf: foreignToken }];
    for (const fields of attempts) {
      const refused = await visitor.send('/test/flash', { text: 'forged', ...fields }).expect(403);
      expect(refused.text).toContain('open for too long');
    }
    await visitor.agent.post('/test/flash').type('form').set('Origin', web.url).send('_csrf=a&_csrf=b').expect(403);
    await visitor.send('/sign-in', { email, password }).expect(403);
    expect((await visitor.get('/test/page').expect(200)).text).not.toContain('forged');
  });

  it('is taken from our own pages, by Fetch Metadata or by origin, the token in a field or a header', async () => {
    const { email, password } = await buildMember(web);
    const visitor = await signIn(web, email, password);
    const token = await visitor.token();
    const taken = (headers: Record<string, string>, fields: Record<string, string>) =>
      visitor.agent
        .post('/test/flash')
        .type('form')
        .set(headers)
        .send({ text: 'ours', ...fields })
        .expect(303);
    await taken({ 'Sec-Fetch-Site': 'same-origin' }, { _csrf: token });
    await taken({ 'Sec-Fetch-Site': 'none', Origin: 'null' }, { _csrf: token });
    await taken({ Origin: web.url }, { _csrf: token });
    await taken({ Origin: 'http://portal.internal', Host: 'portal.internal' }, { _csrf: token });
    await taken({ Origin: web.url, 'X-CSRF-Token': token }, {});
  });

  it('of a session that has ended leads to the sign-in page', async () => {
    const answer = await supertest(web.url).post('/test/flash').type('form').set('Origin', web.url).send({ text: 'x' });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/sign-in');
  });
});

describe('a process that only delivers', () => {
  it('answers health checks, metrics and nothing else', async () => {
    const METRICS_TOKEN = 'a-token-for-prometheus-0123456789-abc';
    const worker = await startWeb(database, { PROCESS: 'delivery', METRICS_TOKEN });
    await supertest(worker.url).get('/health/live').expect(200);
    await supertest(worker.url).get('/metrics').set('Authorization', `Bearer ${METRICS_TOKEN}`).expect(200);
    await supertest(worker.url).get('/sign-in').expect(404);
    await supertest(worker.url).get('/api/v1/surveys').expect(404);
    await worker.close();
  });
});

async function signOutFrom({ url }: TestWeb, origin: string): Promise<number> {
  const { status } = await supertest(url)
    .post('/sign-out')
    .set('Accept', 'application/json')
    .set('Host', 'answers.example.com')
    .set('Origin', origin);
  return status;
}
