import { request } from 'node:http';
import supertest from 'supertest';
import { auditTrail } from '../support/accounts.js';
import { type TestDatabase } from '../support/app.js';
import { asOwner } from '../support/database.js';
import { buildMember, signIn, startWeb, Visitor, type TestWeb, useWeb } from '../support/web.js';

let database: TestDatabase;
let web: TestWeb;

useWeb((started, itsDatabase) => {
  web = started;
  database = itsDatabase;
});

const NEW = 'tui drinks from the flax';

describe('my account', () => {
  it('shows who I am, and is for everybody who is signed in', async () => {
    const member = await buildMember(web, { role: 'viewer' });
    const page = await (await signIn(web, member.email, member.password)).get('/account').expect(200);
    expect(page.text).toContain(member.email);
    expect(page.text).toContain('Viewer');
    expect(page.headers['cache-control']).toBe('no-store');
    await new Visitor(web).get('/account').expect(303);
  });

  it('changes my name', async () => {
    const member = await buildMember(web);
    const visitor = await signIn(web, member.email, member.password);
    expect((await visitor.post('/account/name', { name: ' Māri Member ' })).headers.location).toBe('/account');
    expect((await visitor.get('/account')).text).toContain('value="Māri Member"');
    const lines = await auditTrail(web, member.organisationId);
    expect(lines.at(-1)).toMatchObject({
      action: 'account.renamed',
      details: { former: 'Mary Member', name: 'Māri Member' },
    });
  });

  it.each([
    ['', 'Enter a name.'],
    ['a'.repeat(101), 'The name has more than 100 characters.'],
  ])('refuses the name "%s" beside its field', async (name, words) => {
    const member = await buildMember(web);
    const page = await (await signIn(web, member.email, member.password)).post('/account/name', { name });
    expect(page.status).toBe(422);
    expect(page.text).toMatch(new RegExp(`id="name-error"[^>]*><span aria-hidden="true">✕</span> ${words}`));
    expect(page.text).toMatch(/<input[^>]*id="name"[^>]*aria-describedby="name-error" aria-invalid="true"/);
    expect(page.text).toContain(`value="${name}"`);
  });
});

describe('changing my password', () => {
  it('asks for the current one, ends every other session, and gives this one a new id', async () => {
    const member = await buildMember(web);
    const here = await signIn(web, member.email, member.password);
    const elsewhere = await signIn(web, member.email, member.password);
    const before = cookieOf(await here.get('/account').expect(200));
    const done = await here.post('/account/password', { current: member.password, password: NEW, again: NEW });
    expect(done.status).toBe(303);
    const page = await here.get('/account').expect(200);
    expect(page.text).toContain('Your password is changed. Wherever else you were signed in, you are signed out.');
    await elsewhere.get('/account').expect(303);
    expect(cookieOf(page)).not.toBe(before);
    await supertest(web.url).get('/account').set('Cookie', before).expect(303);

    await expect(signIn(web, member.email, member.password)).rejects.toThrow('422');
    await signIn(web, member.email, NEW);
    const actions = (await auditTrail(web, member.organisationId)).map(({ action }) => action);
    expect(actions).toContain('account.password_changed');
    expect(JSON.stringify(await auditTrail(web, member.organisationId))).not.toContain(NEW);
  });

  it('does not let a session back in that was saved while it changed', async () => {
    const member = await buildMember(web);
    const here = await signIn(web, member.email, member.password);
    const elsewhere = await signIn(web, member.email, member.password);
    const { rows } = await web.pool.query<{ sid: string; sess: object; expire: Date }>(
      'select sid, sess, expire from session where member_id = $1 order by expire desc limit 1',
      [member.memberId],
    );
    await here.post('/account/password', { current: member.password, password: NEW, again: NEW });
    const { sid, sess, expire } = rows[0]!;
    await web.pool.query('insert into session (sid, sess, expire) values ($1, $2, $3)', [sid, sess, expire]);
    await elsewhere.get('/account').expect(303);
  });

  it.each([
    ['a wrong current one', { current: 'wrong horse battery' }, 'current', /not your current password/],
    ['no current one', { current: '' }, 'current', /Enter your current password/],
    ['a short one', { password: 'elevenchars', again: 'elevenchars' }, 'password', /at least 12 characters/],
    ['a long one', { password: 'ā'.repeat(37), again: 'ā'.repeat(37) }, 'password', /longer than 72 bytes/],
    ['a common one', { password: 'Password-2026', again: 'Password-2026' }, 'password', /one of the common ones/],
    ['the organisation’s name', { password: 'DemoCorp2026!', again: 'DemoCorp2026!' }, 'password', /organisation/],
    ['the current one', { password: 'correct horse battery', again: 'correct horse battery' }, 'password', /already/],
    ['two that differ', { again: 'tui drinks from the flux' }, 'again', /differ/],
  ])('refuses %s with the reason beside its field', async (_what, changed, field, reason) => {
    const member = await buildMember(web);
    const visitor = await signIn(web, member.email, member.password);
    const typed = { current: member.password, password: NEW, again: NEW, ...changed };
    const page = await visitor.post('/account/password', typed);
    expect(page.status).toBe(422);
    expect(new RegExp(`id="${field}-error">.*`).exec(page.text)?.[0]).toMatch(reason);
    expect(page.text).toMatch(new RegExp(`<input[^>]* id="${field}"[^>]* aria-invalid="true"`));
    expect(page.text).not.toContain(typed.password);
    await signIn(web, member.email, member.password);
  });

  it('is no way to guess it faster', async () => {
    const member = await buildMember(web);
    const visitor = await signIn(web, member.email, member.password);
    const token = await visitor.token();
    const guess = (current: string) =>
      visitor.send('/account/password', { _csrf: token, current, password: NEW, again: NEW });
    for (let failure = 0; failure < 5; failure += 1) {
      await guess('wrong horse battery').expect(422);
    }
    const refused = await guess(member.password).expect(429);
    expect(refused.text).toMatch(/Too many wrong passwords\. Wait \d+ seconds\./);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
  });
});

describe('where I am signed in', () => {
  it('lists each session with its browser, its address and when it was used', async () => {
    const member = await buildMember(web);
    const here = await signIn(web, member.email, member.password);
    const phone = new Visitor(web);
    phone.agent.set('User-Agent', 'Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0');
    await phone.post('/sign-in', { email: member.email, password: member.password });
    const { text } = await here.get('/account').expect(200);
    expect(text.match(/list-group-item/g)).toHaveLength(2);
    expect(text).toContain('Firefox 145 on Android');
    expect(text).toMatch(/From 127\.0\.0\.1\. Signed in <time datetime="[^"]+">[^<]+ GMT<\/time>\s*, last seen <time/);
    expect(text).toContain('Sign out everywhere else (1)');
  });

  it('ends one of them, and it stands in the trail', async () => {
    const member = await buildMember(web);
    const here = await signIn(web, member.email, member.password);
    const elsewhere = await signIn(web, member.email, member.password);
    await elsewhere.get('/account').expect(200);
    const [handle] = handlesIn((await here.get('/account')).text);
    expect((await here.post('/account/ended-sessions', { session: handle! })).status).toBe(303);
    await elsewhere.get('/account').expect(303);
    expect((await here.get('/account').expect(200)).text).not.toContain('Sign out everywhere else');
    expect((await auditTrail(web, member.organisationId)).at(-1)!.action).toBe('session.ended');
  });

  it('ends all but this one', async () => {
    const member = await buildMember(web);
    const here = await signIn(web, member.email, member.password);
    const others = [await signIn(web, member.email, member.password), await signIn(web, member.email, member.password)];
    await here.post('/account/ended-sessions', { session: 'others' });
    expect((await here.get('/account').expect(200)).text).toContain('Signed out in 2 other places.');
    for (const other of others) {
      await other.get('/account').expect(303);
    }
  });

  it('ends nobody else’s', async () => {
    const mine = await buildMember(web);
    const theirs = await buildMember(web);
    const me = await signIn(web, mine.email, mine.password);
    const them = await signIn(web, theirs.email, theirs.password);
    await signIn(web, theirs.email, theirs.password);
    const [handle] = handlesIn((await them.get('/account')).text);
    for (const session of [handle!, '%', '', handle!.slice(0, 4)]) {
      await me.post('/account/ended-sessions', { session });
    }
    expect((await them.get('/account').expect(200)).text.match(/list-group-item/g)).toHaveLength(2);
  });
});

describe('a session', () => {
  it('ends seven days after signing in, however much it is used', async () => {
    const member = await buildMember(web);
    const visitor = await signIn(web, member.email, member.password);
    const age = (days: number) =>
      web.pool.query(
        `update session set sess = jsonb_set(sess::jsonb, '{signedInAt}', to_jsonb($2::float8))::json where member_id = $1`,
        [member.memberId, Date.now() - days * 86_400_000],
      );
    await age(6.99);
    await visitor.get('/account').expect(200);
    await age(7);
    const refused = await visitor.get('/account').expect(303);
    expect(refused.headers.location).toBe('/sign-in?returnTo=%2Faccount');
    const { rowCount } = await web.pool.query('select from session where member_id = $1', [member.memberId]);
    expect(rowCount).toBe(0);
    await visitor.post('/sign-in', { email: member.email, password: member.password });
    await visitor.get('/account').expect(200);
  });

  it('is saved before a redirect leaves: browsers follow its head alone', async () => {
    const member = await buildMember(web);
    const visitor = await signIn(web, member.email, member.password);
    const token = await visitor.token();
    const cookie = cookieOf(await visitor.get('/account').expect(200));
    await asOwner(database)(`
      create function save_slowly() returns trigger language plpgsql as
        'begin perform pg_sleep(0.3); return new; end';
      create trigger save_slowly before insert or update of sess on session
        for each row execute function save_slowly();`);
    try {
      const status = await headOf(`${web.url}/account/name`, cookie, `_csrf=${token}&name=Mary`);
      const { rows } = await web.pool.query('select sess from session where member_id = $1', [member.memberId]);
      expect(status).toBe(303);
      expect(JSON.stringify(rows)).toContain('Your name is saved.');
    } finally {
      await asOwner(database)('drop function save_slowly() cascade');
    }
  });

  it('has a cookie that only this host gets, and only by https, when BASE_URL is https', async () => {
    const secure = await startWeb(database, { BASE_URL: 'https://portal.example.com' });
    try {
      const page = await supertest(secure.url).get('/sign-in').expect(200);
      const [cookie] = page.headers['set-cookie']!;
      expect(cookie).toMatch(/^__Host-answerback=s%3A[^;]+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/);
      expect(page.headers['cache-control']).toBe('no-store');
      expect(page.headers['strict-transport-security']).toBe('max-age=31536000');
    } finally {
      await secure.close();
    }
  });
});

function handlesIn(text: string): string[] {
  return [...text.matchAll(/name="session" value="([0-9a-f]{32})"/g)].map(([, handle]) => handle!);
}

function cookieOf({ headers }: supertest.Response): string {
  return headers['set-cookie']![0]!.split(';')[0]!;
}

/** The status of a posted form's answer, as soon as its head is there. */
function headOf(url: string, cookie: string, form: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { cookie, origin: web.url, 'content-type': 'application/x-www-form-urlencoded' };
    const sent = request(url, { method: 'POST', headers }, (reply) => {
      resolve(reply.statusCode);
      reply.resume();
    });
    sent.on('error', reject).end(form);
  });
}
