import { audit } from '../../src/accounts/audit.js';
import { auditTrail } from '../support/accounts.js';
import { buildMember, signIn, type TestWeb, useWeb } from '../support/web.js';

let web: TestWeb;

useWeb((started) => {
  web = started;
});

describe('the audit trail', () => {
  it('tells of signing in and out, with who and from where', async () => {
    const member = await buildMember(web);
    const visitor = await signIn(web, member.email, member.password);
    await visitor.post('/sign-out');
    const mine = { actor_email: member.email, target: null, details: {}, address: '127.0.0.1' };
    expect(await auditTrail(web, member.organisationId)).toEqual([
      { ...mine, action: 'sign_in' },
      { ...mine, action: 'sign_out' },
    ]);
  });

  it('shows the newest first, a page at a time, and what happens meanwhile moves nothing', async () => {
    const member = await buildMember(web);
    const visitor = await signIn(web, member.email, member.password);
    const { organisationId } = member;
    const write = async (from: number, to: number) => {
      const em = web.orm.em.fork();
      for (let number = from; number <= to; number += 1) {
        await audit(em, { organisationId, actor: null, action: 'thing.done', target: `thing ${number}.` });
      }
    };
    await write(1, 59);
    const first = (await visitor.get('/audit').expect(200)).text;
    expect(targetsIn(first)).toEqual(Array.from({ length: 50 }, (_, index) => `thing ${59 - index}.`));
    await write(60, 61);
    const before = /\/audit\?before&#x3D;(\d+)"/.exec(first)![1]!;
    const second = (await visitor.get(`/audit?before=${before}`).expect(200)).text;
    expect(targetsIn(second)).toEqual(Array.from({ length: 9 }, (_, index) => `thing ${9 - index}.`));
    expect(second).toContain('Signed in');
    expect(second).not.toContain('Older');
    expect(second).toContain('href="/audit"');
    await visitor.get('/audit?before=x').expect(404);
  });

  it('belongs to one organisation', async () => {
    const mine = await buildMember(web);
    const theirs = await buildMember(web);
    const visitor = await signIn(web, mine.email, mine.password);
    await signIn(web, theirs.email, theirs.password);
    expect((await visitor.get('/audit')).text).not.toContain(theirs.email);
  });

  it('is written with what it tells of, or not at all', async () => {
    const { organisationId } = await buildMember(web);
    const broken = web.orm.em.fork().transactional(async (em) => {
      await audit(em, { organisationId, actor: null, action: 'thing.done' });
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
    expect(await auditTrail(web, organisationId)).toEqual([]);
  });

  it('keeps no secret that slips into the details, and any text', async () => {
    const { organisationId } = await buildMember(web);
    await audit(web.orm.em.fork(), {
      organisationId,
      actor: null,
      action: 'thing.done',
      target: 'nul \0',
      details: { password: 'hidden', signing_secret: 'hidden', url: 'https://a.example', half: '\ud800', count: 2 },
    });
    expect(await auditTrail(web, organisationId)).toMatchObject([
      {
        target: 'nul \uFFFD',
        details: {
          password: '(not kept)',
          signing_secret: '(not kept)',
          url: 'https://a.example',
          half: '\uFFFD',
          count: 2,
        },
      },
    ]);
  });

  it('cannot be changed or shortened', async () => {
    const { organisationId } = await buildMember(web);
    await audit(web.orm.em.fork(), { organisationId, actor: null, action: 'thing.done' });
    const refused = 'The audit trail is only added to.';
    await expect(web.pool.query(`update audit_entry set action = 'x'`)).rejects.toThrow(refused);
    await expect(web.pool.query('delete from audit_entry')).rejects.toThrow(refused);
  });
});

function targetsIn(text: string): string[] {
  return [...text.matchAll(/thing \d+\./g)].map(([target]) => target);
}
