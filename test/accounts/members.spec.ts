import { auditTrail } from '../support/accounts.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { buildMember, signIn, startWeb, Visitor, type TestWeb } from '../support/web.js';

let database: TestDatabase;
let web: TestWeb;
let admin: Awaited<ReturnType<typeof buildMember>>;
let visitor: Visitor;

const PASSWORD = 'tui drinks from the flax';

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database);
});
beforeEach(async () => {
  admin = await buildMember(web, { name: 'Ada Admin' });
  visitor = await signIn(web, admin.email, admin.password);
});
afterAll(async () => {
  await web?.close();
  await database?.drop();
});

let counter = 0;

/** @returns the path of the link that the admin is shown */
async function inviteSomebody(details: Record<string, string> = {}): Promise<{ email: string; link: string }> {
  counter += 1;
  const email = details.email ?? `new${counter}@example.com`;
  const done = await visitor.post('/members/invitations', { name: 'Nina New', email, role: 'developer', ...details });
  expect(done.status).toBe(303);
  const { text } = await visitor.get(done.headers.location!).expect(200);
  return { email, link: /value="http:\/\/127\.0\.0\.1:\d+(\/join\/[\w-]{43})"/.exec(text)![1]! };
}

function join(link: string, fields: Record<string, string> = {}) {
  return new Visitor(web).post(link, { name: 'Nina New', password: PASSWORD, again: PASSWORD, ...fields });
}

async function idOf(email: string): Promise<number> {
  const { rows } = await web.pool.query<{ id: number }>(
    'select id from member where email = $1 and removed_at is null',
    [email],
  );
  return rows[0]!.id;
}

describe('inviting a member', () => {
  it('shows a link once, by which the invited person joins with a password of their own', async () => {
    const { email, link } = await inviteSomebody();
    expect((await visitor.get('/members').expect(200)).text).not.toContain(link);
    expect((await visitor.get('/members')).text).toContain('Not joined yet.');

    const person = new Visitor(web);
    const page = await person.get(link).expect(200);
    expect(page.text).toContain('Join DemoCorp');
    expect(page.text).toContain(email);
    expect(page.text).toContain('Developer');
    const done = await person.post(link, { name: 'Nina New', password: PASSWORD, again: PASSWORD });
    expect(done.status).toBe(303);
    expect((await person.get(done.headers.location!).expect(200)).text).toContain('Welcome to DemoCorp.');
    await signIn(web, email, PASSWORD);

    const { text } = await visitor.get('/members');
    expect(text).toContain(email);
    expect(text).not.toContain('Not joined yet.');
    const lines = await auditTrail(web, admin.organisationId);
    expect(lines).toContainEqual(
      expect.objectContaining({ action: 'member.invited', actor_email: admin.email, target: email }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ action: 'member.joined', actor_email: email }));
    expect(JSON.stringify(lines)).not.toContain(link.slice('/join/'.length));
  });

  it('keeps no link that a copy of the database would show', async () => {
    counter += 1;
    await visitor.post('/members/invitations', { name: 'N', email: `new${counter}@example.com`, role: 'viewer' });
    const { rows: sessions } = await web.pool.query<{ sess: object }>(
      `select sess from session where sess::text like '%shownOnce%' limit 1`,
    );
    expect(JSON.stringify(sessions[0]!.sess)).toMatch(/"shownOnce":"v1\./);
    const { rows } = await web.pool.query<{ bytes: number }>(
      'select length(token_hash) as bytes from member_invitation',
    );
    expect(rows.every(({ bytes }) => bytes === 32)).toBe(true);
  });

  it('of one person several times at one moment leaves one invitation', async () => {
    const token = await visitor.token();
    const form = { _csrf: token, name: 'Nina New', email: 'often@example.com', role: 'viewer' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => visitor.send('/members/invitations', form)));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(8).fill(303));
    const { rows } = await web.pool.query(`select id from member_invitation where email = 'often@example.com'`);
    expect(rows).toHaveLength(1);
  });

  it('by a link that was used, withdrawn, replaced, expired or made up leads nowhere, in the same words', async () => {
    const used = (await inviteSomebody()).link;
    expect((await join(used)).status).toBe(303);
    const replaced = await inviteSomebody();
    const again = await inviteSomebody({ email: replaced.email });
    const expired = (await inviteSomebody()).link;
    await web.pool.query(
      'update member_invitation set expires_at = clock_timestamp() where id = (select max(id) from member_invitation)',
    );
    const withdrawn = (await inviteSomebody()).link;
    const { text } = await visitor.get('/members');
    const [path] = /\/members\/invitations\/\d+\/withdrawal/.exec(text)!;
    expect((await visitor.post(path)).status).toBe(303);

    for (const link of [used, replaced.link, expired, withdrawn, '/join/made-up']) {
      const person = new Visitor(web);
      expect((await person.get(link).expect(404)).text).toContain('This invitation does not work, or no longer');
      expect((await person.post(link, { name: 'N', password: PASSWORD, again: PASSWORD })).status).toBe(404);
    }
    expect((await join(again.link)).status).toBe(303);
    expect((await visitor.get('/members')).text).toContain('Expired');
  });

  it('works once, also for two that use the link at the same time', async () => {
    const { email, link } = await inviteSomebody();
    const statuses = (await Promise.all([join(link), join(link)])).map(({ status }) => status);
    expect(statuses.filter((status) => status === 303)).toHaveLength(1);
    const { rowCount } = await web.pool.query('select from member where email = $1', [email]);
    expect(rowCount).toBe(1);
  });

  it('holds for seven days', async () => {
    await inviteSomebody();
    const { rows } = await web.pool.query<{ days: number }>(
      `select round(extract(epoch from expires_at - clock_timestamp()) / 86400)::int as days
         from member_invitation order by id desc limit 1`,
    );
    expect(rows[0]!.days).toBe(7);
  });

  it.each([
    [{ name: '' }, 'name', 'Enter a name.'],
    [{ email: 'nobody' }, 'email', 'Enter an e-mail address'],
    [{ role: 'owner' }, 'role', 'Choose a role.'],
  ])('is refused with %j, beside the field, with the form as it was typed', async (wrong, field, words) => {
    const typed = { name: 'Nina New', email: 'nina@example.com', role: 'viewer', ...wrong };
    const page = await visitor.post('/members/invitations', typed);
    expect(page.status).toBe(422);
    expect(new RegExp(`id="${field}-error">.*`).exec(page.text)?.[0]).toContain(words);
    expect(page.text).toContain(`value="${typed.name}"`);
    expect(page.text).toContain(`value="${typed.email}"`);
  });

  it('is refused for somebody who is a member here; whether another organisation knows them is not said', async () => {
    const other = await buildMember(web);
    const here = { name: 'A', email: admin.email.toUpperCase(), role: 'viewer' };
    expect((await visitor.post('/members/invitations', here)).text).toContain('a member under this e-mail already');
    const { link } = await inviteSomebody({ email: other.email });
    const refused = await join(link);
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('its e-mail signs in to Answerback already');
    await signIn(web, other.email, other.password);
  });

  it.each([
    [{ password: 'short', again: 'short' }, 'password', /at least 12 characters/],
    [{ password: 'Democorp-2026', again: 'Democorp-2026' }, 'password', /organisation/],
    [{ again: 'another' }, 'again', /differ/],
    [{ name: '' }, 'name', /Enter a name/],
  ])('is accepted only with a proper form: %j', async (fields, field, reason) => {
    const { link } = await inviteSomebody();
    const page = await join(link, fields);
    expect(page.status).toBe(422);
    expect(new RegExp(`id="${field}-error">.*`).exec(page.text)?.[0]).toMatch(reason);
    expect((await join(link)).status).toBe(303);
  });
});

describe('changing a member', () => {
  it('gives another role from the next request on, and the trail says from what to what', async () => {
    const { email, link } = await inviteSomebody({ role: 'viewer' });
    const person = new Visitor(web);
    await person.post(link, { name: 'Nina', password: PASSWORD, again: PASSWORD });
    await person.get('/audit').expect(403);
    expect((await visitor.post(`/members/${await idOf(email)}/role`, { role: 'admin' })).status).toBe(303);
    expect((await visitor.get('/members')).text).toContain('Nina is Admin now.');
    await person.get('/audit').expect(200);
    expect((await auditTrail(web, admin.organisationId)).at(-1)).toMatchObject({
      action: 'member.role_changed',
      target: email,
      details: { from: 'viewer', to: 'admin' },
    });
  });

  it('signs them out everywhere, after which they sign in again', async () => {
    const { email, link } = await inviteSomebody();
    const person = new Visitor(web);
    await person.post(link, { name: 'Nina', password: PASSWORD, again: PASSWORD });
    await person.get('/account').expect(200);
    expect((await visitor.post(`/members/${await idOf(email)}/ended-sessions`)).status).toBe(303);
    expect((await visitor.get('/members').expect(200)).text).toContain('is signed out everywhere.');
    await person.get('/account').expect(303);
    await signIn(web, email, PASSWORD);
    expect(await auditTrail(web, admin.organisationId)).toContainEqual(
      expect.objectContaining({ action: 'member.signed_out', actor_email: admin.email, target: email }),
    );
  });

  it('does not sign out the admin who asks, nor anybody of another organisation', async () => {
    const stranger = await buildMember(web);
    const them = await signIn(web, stranger.email, stranger.password);
    expect((await visitor.post(`/members/${stranger.memberId}/ended-sessions`)).status).toBe(404);
    await them.get('/account').expect(200);
    expect((await visitor.post(`/members/${admin.memberId}/ended-sessions`)).status).toBe(303);
    expect((await visitor.get('/members').expect(200)).text).toContain('under My account');
  });

  it('removes them: their sessions end, they sign in no more, and their e-mail may be invited again', async () => {
    const { email, link } = await inviteSomebody();
    const person = new Visitor(web);
    await person.post(link, { name: 'Nina', password: PASSWORD, again: PASSWORD });
    const id = await idOf(email);
    expect((await visitor.post(`/members/${id}/removal`)).status).toBe(303);
    await person.get('/account').expect(303);
    expect((await web.pool.query('select from session where member_id = $1', [id])).rowCount).toBe(0);
    await expect(signIn(web, email, PASSWORD)).rejects.toThrow('422');
    expect((await auditTrail(web, admin.organisationId)).at(-1)).toMatchObject({
      action: 'member.removed',
      target: email,
    });
    const again = await inviteSomebody({ email });
    expect((await join(again.link)).status).toBe(303);
  });

  it('neither removes nor demotes the last admin', async () => {
    for (const [path, fields] of [
      ['role', { role: 'viewer' }],
      ['removal', {}],
    ] as const) {
      await visitor.post(`/members/${admin.memberId}/${path}`, fields);
      expect((await visitor.get('/members').expect(200)).text).toContain('Ada Admin is the only admin.');
    }
  });

  it('leaves one admin when two demote each other at the same moment', async () => {
    const second = await buildMember(web, { organisationId: admin.organisationId });
    const other = await signIn(web, second.email, second.password);
    await Promise.all([
      visitor.post(`/members/${second.memberId}/role`, { role: 'viewer' }),
      other.post(`/members/${admin.memberId}/role`, { role: 'viewer' }),
    ]);
    const { rowCount } = await web.pool.query(
      `select from member where organisation_id = $1 and role = 'admin' and removed_at is null`,
      [admin.organisationId],
    );
    expect(rowCount).toBe(1);
  });

  it('reaches nobody of another organisation, and no role that is none', async () => {
    const stranger = await buildMember(web);
    expect((await visitor.post(`/members/${stranger.memberId}/role`, { role: 'viewer' })).status).toBe(404);
    expect((await visitor.post(`/members/${stranger.memberId}/removal`)).status).toBe(404);
    expect((await visitor.post('/members/x/removal')).status).toBe(404);
    expect((await visitor.post('/members/invitations/1/withdrawal')).status).toBe(404);
    await visitor.post(`/members/${admin.memberId}/role`, { role: 'owner' });
    expect((await visitor.get('/members').expect(200)).text).toContain('Choose one of the roles.');
    expect((await visitor.get('/members')).text).not.toContain(stranger.email);
  });
});
