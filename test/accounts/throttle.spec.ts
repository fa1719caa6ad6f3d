import { attemptFrom, auditTrail, passTime, RemoteVisitor } from '../support/accounts.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { buildMember, startWeb, Visitor, type TestWeb } from '../support/web.js';

const WRONG = 'wrong horse battery';
const ATTACKER = '198.51.100.66';

let database: TestDatabase;
let web: TestWeb;
let other: TestWeb;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database, { TRUSTED_PROXIES: 'loopback' });
  other = await startWeb(database, { TRUSTED_PROXIES: 'loopback' });
});
beforeEach(async () => {
  await web.pool.query('delete from sign_in_counter');
});
afterAll(async () => {
  await other?.close();
  await web?.close();
  await database?.drop();
});

/** Fails so often that the next attempt has to wait; one browser, because a form costs more than its checking. */
async function failOften(email: string, address: string, times = 5): Promise<void> {
  const visitor = new RemoteVisitor(web, address);
  const token = await visitor.token();
  for (let failure = 0; failure < times; failure += 1) {
    await visitor.send('/sign-in', { _csrf: token, email, password: WRONG }).expect(422);
  }
}

describe('guessing a password', () => {
  it('has to wait after five failures, in any process, and the page says how long', async () => {
    const member = await buildMember(web);
    await failOften(member.email, ATTACKER);
    for (const process of [web, other]) {
      const refused = await attemptFrom(process, ATTACKER, member);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(20);
      expect(refused.text).toMatch(/Too many failed attempts\.<\/strong> Wait \d+ seconds, then try again/);
      expect(refused.text).toContain(`value="${member.email}"`);
      expect(refused.text).not.toContain(member.password);
    }
  });

  it('goes on after the wait, and waits twice as long after the next failure', async () => {
    const member = await buildMember(web);
    await failOften(member.email, ATTACKER);
    await passTime(web, 30);
    expect((await attemptFrom(web, ATTACKER, { ...member, password: WRONG })).status).toBe(422);
    await passTime(web, 30);
    const refused = await attemptFrom(web, ATTACKER, member);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(25);
    await passTime(web, 30);
    expect((await attemptFrom(web, ATTACKER, member)).status).toBe(303);
  });

  it('is counted for spellings of one e-mail together', async () => {
    const member = await buildMember(web);
    await failOften(`  ${member.email.toUpperCase()} `, ATTACKER);
    expect((await attemptFrom(web, ATTACKER, member)).status).toBe(429);
  });

  it('is counted before the password is looked at: attempts at the same time do not slip through', async () => {
    const member = await buildMember(web);
    const visitors = await Promise.all(
      [web, other, web, other, web, other, web, other].map(async (process) => {
        const visitor = new RemoteVisitor(process, ATTACKER);
        return { visitor, token: await visitor.token() };
      }),
    );
    const replies = await Promise.all(
      visitors.map(({ visitor, token }) =>
        visitor.send('/sign-in', { _csrf: token, email: member.email, password: WRONG }),
      ),
    );
    const statuses = replies.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429, 429, 429]);
  });

  it('does not lock out the owner, who comes from elsewhere', async () => {
    const member = await buildMember(web);
    await failOften(member.email, ATTACKER);
    expect((await attemptFrom(web, ATTACKER, member)).status).toBe(429);
    expect((await attemptFrom(web, '192.0.2.1', member)).status).toBe(303);
  });

  it('from many machines at once neither locks out the owner, but slows down whoever fails', async () => {
    const member = await buildMember(web);
    await failOften(member.email, ATTACKER, 1);
    await web.pool.query('update sign_in_counter set level = 60 where told_at is not null');
    expect((await attemptFrom(web, '192.0.2.2', { ...member, password: WRONG })).status).toBe(422);
    const slowed = await attemptFrom(web, '192.0.2.2', { ...member, password: WRONG });
    expect(slowed.status).toBe(429);
    expect(Number(slowed.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await attemptFrom(web, '192.0.2.3', member)).status).toBe(303);
  });

  it('on many accounts from one machine has to wait, but not who signed in from there before', async () => {
    const known = await buildMember(web);
    const unknown = await buildMember(web);
    expect((await attemptFrom(web, ATTACKER, known)).status).toBe(303);
    await failOften('somebody@example.com', ATTACKER, 1);
    await web.pool.query('update sign_in_counter set level = 60 where level > 0');
    expect((await attemptFrom(web, ATTACKER, unknown)).status).toBe(429);
    expect((await attemptFrom(web, ATTACKER, known)).status).toBe(303);
  });

  it('from one IPv6 network is counted together', async () => {
    const member = await buildMember(web);
    await failOften(member.email, '2001:db8:1:2::1');
    expect((await attemptFrom(web, '2001:db8:1:2:ffff::9', member)).status).toBe(429);
    expect((await attemptFrom(web, '2001:db8:1:3::1', member)).status).toBe(303);
  });

  it('of an unknown e-mail is throttled in the same words', async () => {
    const member = await buildMember(web);
    const texts: string[] = [];
    for (const email of [member.email, 'nobody@nowhere.example']) {
      await failOften(email, ATTACKER);
      const refused = await attemptFrom(web, ATTACKER, { email, password: WRONG });
      expect(refused.status).toBe(429);
      texts.push(refused.text.replaceAll(email, 'EMAIL').replace(/value="\w{64}"|Wait \d+/g, ''));
    }
    expect(texts[0]).toBe(texts[1]);
  });

  it('is forgotten when the password was right', async () => {
    const member = await buildMember(web);
    await failOften(member.email, ATTACKER, 4);
    expect((await attemptFrom(web, ATTACKER, member)).status).toBe(303);
    await failOften(member.email, ATTACKER, 4);
    expect((await attemptFrom(web, ATTACKER, member)).status).toBe(303);
  });

  it('stands in the audit trail, not once for each attempt', async () => {
    const member = await buildMember(web);
    await failOften(member.email, ATTACKER, 3);
    await passTime(web, 300);
    await failOften(member.email, ATTACKER, 1);
    const lines = (await auditTrail(web, member.organisationId)).filter(({ action }) => action === 'sign_in.failed');
    expect(lines).toEqual([
      {
        action: 'sign_in.failed',
        actor_email: null,
        target: member.email,
        details: { failures: 1 },
        address: ATTACKER,
      },
      {
        action: 'sign_in.failed',
        actor_email: null,
        target: member.email,
        details: { failures: 3 },
        address: ATTACKER,
      },
    ]);
  });

  it('does not keep what was typed as an e-mail, which may be a password', async () => {
    await failOften('my secret password', ATTACKER, 1);
    const { rows } = await web.pool.query<{ all: string }>('select sign_in_counter::text as all from sign_in_counter');
    expect(rows.length).toBe(3);
    expect(JSON.stringify(rows)).not.toContain('secret');
  });
});

it('a form without e-mail or password is refused without waiting or counting', async () => {
  const visitor = new Visitor(web);
  expect((await visitor.post('/sign-in', { email: 'a@example.com', password: '' })).status).toBe(422);
  expect((await web.pool.query('select from sign_in_counter')).rowCount).toBe(0);
});
