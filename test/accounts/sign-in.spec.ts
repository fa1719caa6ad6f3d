import supertest from 'supertest';
import { createApiKey } from '../../src/accounts/create-api-key.js';
import { hashPassword } from '../../src/accounts/password.js';
import { createTestDatabase, TEST_KEYS, type TestDatabase } from '../support/app.js';
import { buildMember, signIn, startWeb, Visitor, type TestWeb } from '../support/web.js';
import { TestRoutes } from '../support/web-routes.js';

let database: TestDatabase;
let web: TestWeb;
let member: Awaited<ReturnType<typeof buildMember>>;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database, {}, [TestRoutes]);
  member = await buildMember(web, { email: 'Mary.Member@Example.com' });
});

afterAll(async () => {
  await web?.close();
  await database?.drop();
});

describe('signing in', () => {
  it('opens the portal', async () => {
    const visitor = await signIn(web, member.email, member.password);
    const page = await visitor.get('/test/page').expect(200);
    expect(page.text).toContain('Mary.Member@Example.com');
    expect(page.text).toContain('Sign out');
  });

  it('takes the e-mail in any case and with blanks around it', async () => {
    const visitor = await signIn(web, '  mary.member@EXAMPLE.com ', member.password);
    await visitor.get('/test/page').expect(200);
  });

  it('says the same for a wrong password, an unknown e-mail and an empty form, and keeps the e-mail', async () => {
    const attempts = [
      { email: member.email, password: 'wrong horse battery' },
      { email: 'nobody@example.com', password: member.password },
      { email: 'nul\0@example.com', password: member.password },
      { email: member.email, password: '' },
      { email: member.email, password: `${member.password}${'a'.repeat(72)}` },
    ];
    for (const attempt of attempts) {
      const visitor = new Visitor(web);
      const page = await visitor.post('/sign-in', attempt);
      expect(page.status).toBe(422);
      expect(page.text).toContain('E-mail or password is wrong.');
      expect(page.text).toContain(`value="${attempt.email}"`);
      expect(page.text).not.toContain(attempt.password || 'no password');
      await visitor.get('/test/page').expect(303);
    }
  });

  it('takes about as long for an unknown e-mail as for a wrong password', async () => {
    const visitor = new Visitor(web);
    const token = await visitor.token();
    const time = async (email: string): Promise<number> => {
      const start = performance.now();
      await visitor.send('/sign-in', { _csrf: token, email, password: 'wrong horse battery' }).expect(422);
      return performance.now() - start;
    };
    const { memberId, email, password } = await buildMember(web);
    // Members of tests have cheaper ones.
    await web.pool.query('update member set password_hash = $2 where id = $1', [
      memberId,
      await hashPassword(password),
    ]);
    const known = Math.min(await time(email), await time(email));
    // bcrypt at this cost is most of it: without it an answer takes a tenth of the time.
    expect(await time('nobody@example.com')).toBeGreaterThan(known / 3);
  });

  it('refuses fields that were sent twice', async () => {
    const visitor = new Visitor(web);
    const body = `_csrf=${await visitor.token()}&email=a&email=b&password=a&password=b&returnTo=/a&returnTo=/b`;
    const page = await visitor.agent.post('/sign-in').type('form').set('Origin', web.url).send(body).expect(422);
    expect(page.text).toContain('E-mail or password is wrong.');
  });

  it('is asked for by every portal page, and leads back to it', async () => {
    const visitor = new Visitor(web);
    const refused = await visitor.get('/test/page?a=1&b=%20').expect(303);
    expect(refused.headers.location).toBe('/sign-in?returnTo=%2Ftest%2Fpage%3Fa%3D1%26b%3D%2520');
    const form = await visitor.get(refused.headers.location!).expect(200);
    expect(form.text).toContain('name="returnTo" value="/test/page?a&#x3D;1&amp;b&#x3D;%20"');
    const { email, password } = member;
    const done = await visitor.post('/sign-in', { email, password, returnTo: '/test/page?a=1&b=%20' });
    expect(done.headers.location).toBe('/test/page?a=1&b=%20');
  });

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', '/\t/evil.example', 'evil', '', '/ /x', '/\n'])(
    'leads to the start page instead of %j',
    async (returnTo) => {
      const form = await new Visitor(web).get(`/sign-in?returnTo=${encodeURIComponent(returnTo)}`).expect(200);
      expect(form.text).toContain('name="returnTo" value="/"');
      const done = await new Visitor(web).post('/sign-in', {
        email: member.email,
        password: member.password,
        returnTo,
      });
      expect(done.headers.location).toBe('/');
    },
  );

  it('does not lead from a page of the API or from nowhere to another site', async () => {
    const refused = await supertest(web.url).get('//evil.example/%2e').expect(404);
    expect(refused.headers.location).toBeUndefined();
  });
});

describe('a session', () => {
  it('that an attacker planted before is dead after signing in', async () => {
    const visitor = new Visitor(web);
    const planted = cookieOf(await visitor.get('/sign-in'));
    const done = await visitor.post('/sign-in', { email: member.email, password: member.password });
    const own = cookieOf(done);
    expect(own).not.toBe(planted);
    await supertest(web.url).get('/test/page').set('Cookie', planted).expect(303);
    await supertest(web.url).get('/test/page').set('Cookie', own).expect(200);
    expect(await sessionCount(planted)).toBe(0);
  });

  it('is dead after signing out, and its cookie is cleared', async () => {
    const visitor = await signIn(web, member.email, member.password);
    const own = cookieOf(await visitor.get('/test/page').expect(200));
    const done = await visitor.post('/sign-out');
    expect(done.status).toBe(303);
    expect(done.headers.location).toBe('/sign-in');
    expect(done.headers['set-cookie']![0]).toMatch(/^answerback=; Path=\/; Expires=Thu, 01 Jan 1970/);
    expect(done.headers['clear-site-data']).toBe('"cache", "storage"');
    await supertest(web.url).get('/test/page').set('Cookie', own).expect(303);
    expect(await sessionCount(own)).toBe(0);
  });

  it('keeps only the member’s id and what the account page says of it', async () => {
    const visitor = await signIn(web, member.email, member.password);
    const own = cookieOf(await visitor.get('/test/page').expect(200));
    const { rows } = await web.pool.query<{ sess: Record<string, unknown> }>(
      'select sess from session where sid = $1',
      [sessionIdOf(own)],
    );
    expect(rows[0]!.sess).toMatchObject({ passport: { user: { memberId: member.memberId } } });
    expect(Object.keys(rows[0]!.sess).toSorted()).toEqual([
      'address',
      'browser',
      'cookie',
      'csrfToken',
      'memberVersion',
      'passport',
      'signedInAt',
    ]);
  });

  it('ends eight hours after its last use', async () => {
    const visitor = await signIn(web, member.email, member.password);
    const page = await visitor.get('/test/page').expect(200);
    const sid = sessionIdOf(cookieOf(page));
    const expires = /Expires=([^;]+)/.exec(page.headers['set-cookie']![0]!)![1]!;
    expect(Math.round((new Date(expires).getTime() - Date.now()) / 60_000)).toBe(8 * 60);
    await web.pool.query(`update session set expire = clock_timestamp() + interval '1 minute' where sid = $1`, [sid]);
    await visitor.get('/test/page').expect(200);
    const { rows } = await web.pool.query<{ left: number }>(
      'select extract(epoch from expire - clock_timestamp())::int as left from session where sid = $1',
      [sid],
    );
    expect(rows[0]!.left).toBeGreaterThan(7 * 60 * 60);
    await web.pool.query('update session set expire = clock_timestamp() where sid = $1', [sid]);
    await visitor.get('/test/page').expect(303);
  });

  it('ends for a member who was removed', async () => {
    const removed = await buildMember(web);
    const visitor = await signIn(web, removed.email, removed.password);
    await web.pool.query('update member set removed_at = clock_timestamp() where id = $1', [removed.memberId]);
    await visitor.get('/test/page').expect(303);
    await visitor.get('/sign-in').expect(200);
  });

  it('is not opened by a cookie whose signature is not ours', async () => {
    const visitor = await signIn(web, member.email, member.password);
    const sid = sessionIdOf(cookieOf(await visitor.get('/test/page').expect(200)));
    for (const cookie of [
      `answerback=${sid}`,
      `answerback=s:${sid}.forged`,
      `answerback=s%3A${sid}.${'A'.repeat(43)}`,
    ]) {
      await supertest(web.url).get('/test/page').set('Cookie', cookie).expect(303);
    }
  });

  it('shows a message once', async () => {
    const visitor = await signIn(web, member.email, member.password);
    await visitor.post('/test/flash', { text: 'Sent <again>.' });
    expect((await visitor.get('/test/page')).text).toContain('Sent &lt;again&gt;.');
    expect((await visitor.get('/test/page')).text).not.toContain('Sent');
  });

  it('outlives a restart and a rotation of the keys', async () => {
    const visitor = await signIn(web, member.email, member.password);
    const own = cookieOf(await visitor.get('/test/page').expect(200));
    const newKey = `k2:${Buffer.alloc(32, 7).toString('base64')}`;
    const rotated = await startWeb(database, { ENCRYPTION_KEYS: `${newKey},${TEST_KEYS}` }, [TestRoutes]);
    const dropped = await startWeb(database, { ENCRYPTION_KEYS: newKey }, [TestRoutes]);
    try {
      const moved = cookieOf(await supertest(rotated.url).get('/test/page').set('Cookie', own).expect(200));
      await supertest(dropped.url).get('/test/page').set('Cookie', moved).expect(200);
      await supertest(dropped.url).get('/test/page').set('Cookie', own).expect(303);
    } finally {
      await rotated.close();
      await dropped.close();
    }
  });
});

describe('the API', () => {
  it('wants a key, in JSON, and sets no cookie', async () => {
    const without = await supertest(web.url).get('/api/v1/test').set('Accept', 'text/html').expect(401);
    expect(without.body).toEqual({
      code: 'missing_api_key',
      message: 'Send an API key: "Authorization: Bearer <key>".',
    });
    expect(without.headers['www-authenticate']).toBe('Bearer');
    expect(without.headers['set-cookie']).toBeUndefined();
    const wrong = await supertest(web.url).get('/api/v1/test').set('Authorization', 'Bearer abk_wrong').expect(401);
    expect(wrong.body.code).toBe('invalid_api_key');
  });

  it('opens with a key, needs no token against forged forms, and asks for no session', async () => {
    const key = await createApiKey(web.orm.em.fork(), member.organisationId, 'Test');
    expect(key).toMatch(/^abk_/);
    const visitor = await signIn(web, member.email, member.password);
    const answer = await visitor.agent
      .post('/api/v1/test')
      .set('Authorization', `Bearer ${key}`)
      .set('Sec-Fetch-Site', 'cross-site')
      .send({ a: 1 })
      .expect(201);
    expect(answer.body).toEqual({ organisation: 'DemoCorp', body: { a: 1 }, session: false });
    expect(answer.headers['set-cookie']).toBeUndefined();
    await visitor.get('/api/v1/test').expect(401);
  });
});

function cookieOf({ headers }: supertest.Response): string {
  return headers['set-cookie']![0]!.split(';')[0]!;
}

function sessionIdOf(cookie: string): string {
  return /^answerback=s:([^.]+)/.exec(decodeURIComponent(cookie))![1]!;
}

async function sessionCount(cookie: string): Promise<number> {
  const { rowCount } = await web.pool.query('select from session where sid = $1', [sessionIdOf(cookie)]);
  return rowCount!;
}
