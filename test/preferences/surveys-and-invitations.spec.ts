import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { answer, buildInvitation } from '../support/factories.js';
import { startWeb, type TestWeb } from '../support/web.js';
import { auditedActs, buildStaffed, postedBy, statusesOf, textOf, type Staffed } from './people.js';

const HOSTILE = `"><script>alert(1)</script>`;
const TEXTS = { description: 'How did we do?', language: 'de', thankYouText: 'Danke.\r\nBis bald.' };

let database: TestDatabase;
let web: TestWeb;
let demo: Staffed;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database, { PROCESS: 'web' });
});
afterAll(async () => {
  await web?.close();
  await database?.drop();
});
beforeEach(async () => {
  demo = await buildStaffed(web);
});

const surveys = async () => (await demo.admin.get('/surveys').expect(200)).text;
const invitations = async (query = '') => (await demo.admin.get(`/invitations${query}`).expect(200)).text;

describe('surveys', () => {
  it('are read by everybody and edited by admins and developers', async () => {
    expect(await statusesOf(demo, '/surveys')).toEqual([200, 200, 200, 200]);
    expect(await postedBy(demo, '/surveys/demo', TEXTS)).toEqual([303, 303, 403, 403]);
    const { text } = await (await demo.as('viewer')).get('/surveys');
    expect(text).not.toContain('action="/surveys/demo"');
    expect(textOf(text)).toContain('Language German Thank-you text Danke. Bis bald.');
  });

  it('are what the customer reads, line breaks included', async () => {
    await demo.admin.post('/surveys/demo', TEXTS);
    const html = await surveys();
    expect(html).toContain('value="How did we do?"');
    expect(html).toContain('>\nDanke.\nBis bald.</textarea>');
    const { rows } = await web.pool.query('select thank_you_text from survey where id = $1', [demo.survey.id]);
    expect(rows).toEqual([{ thank_you_text: 'Danke.\nBis bald.' }]);
    expect(await auditedActs(web, demo)).toEqual([expect.objectContaining({ action: 'survey.changed' })]);
  });

  it('show the ticket system’s link to copy', async () => {
    expect(await surveys()).toContain(
      `/?tc&#x3D;ts&amp;sc&#x3D;demo&amp;cpc&#x3D;${demo.organisation.portalCode}&amp;tid&#x3D;{tid}`,
    );
  });

  it.each([
    ['description', { description: ' ' }],
    ['description', { description: 'x'.repeat(201) }],
    ['language', { language: 'xx-nonsense-language', description: HOSTILE }],
    ['thankYouText', { thankYouText: '' }],
  ])('with a wrong %s are refused, as typed', async (field, change) => {
    const typed = { ...TEXTS, ...change };
    const refused = await demo.admin.post('/surveys/demo', typed);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain(`id="survey-${demo.survey.id}-${field}-error"`);
    expect(refused.text).toContain(`value="${typed.language}"`);
    expect(refused.text).not.toContain('<script>alert');
    expect(await surveys()).toContain('value="Survey for DemoCorp"');
  });

  it('of another organisation cannot be edited', async () => {
    expect((await demo.admin.post('/surveys/nothing', TEXTS)).status).toBe(404);
    const other = await buildStaffed(web);
    await other.admin.post('/surveys/demo', TEXTS);
    expect(await surveys()).toContain('value="Survey for DemoCorp"');
  });
});

describe('invitations', () => {
  it('are read by everybody; viewers see no link and invite nobody', async () => {
    await buildInvitation(web, demo.survey, { ticketId: 'INC77' });
    expect(await statusesOf(demo, '/invitations')).toEqual([200, 200, 200, 200]);
    const { text } = await (await demo.as('viewer')).get('/invitations');
    expect(text).toContain('INC77');
    expect(text).not.toMatch(/\/s\/|action="\/invitations"/);
    expect((await (await demo.as('support_lead')).get('/invitations')).text).toMatch(/value="[^"]*\/s\/[\w-]{32}"/);
    const ticket = { ticketId: 'INC78', supportGroupCode: 'SDESK' };
    expect(await postedBy(demo, '/invitations', ticket)).toEqual([303, 303, 303, 403]);
  });

  it('say whether they were answered, and expired ones since when', async () => {
    await answer(web, demo.survey, await buildInvitation(web, demo.survey, { ticketId: 'ANSWERED' }));
    await buildInvitation(web, demo.survey, { ticketId: 'EXPIRED', expiresAt: new Date('2026-01-31T12:00:00Z') });
    await buildInvitation(web, demo.survey, { ticketId: 'WAITING', supportGroupCode: 'UNKNOWN' });
    const text = textOf(await invitations());
    expect(text).toMatch(/WAITING ?UNKNOWN .*… Not answered.*EXPIRED.*✕ Expired 31 Jan 2026, 12:00 UTC/);
    expect(text).toMatch(/ANSWERED ?Service Desk .*✓ Answered \d+ \w+ \d{4}/);
  });

  it('are added, and their link opens the survey', async () => {
    const made = await demo.admin.post('/invitations', {
      ticketId: 'INC1',
      supportGroupCode: 'SDESK',
      customerName: 'Carole',
      expiresAt: '2099-12-31',
    });
    expect(made.status).toBe(303);
    const html = await invitations(made.headers.location!.slice('/invitations'.length));
    const link = /id="invited-link" value="([^"]+)"/.exec(html)![1]!;
    expect((await fetch(link)).status).toBe(200);
    expect(textOf(html)).toContain('Not answered until 31 Dec 2099, 23:59 UTC');
    expect(await auditedActs(web, demo)).toEqual([
      expect.objectContaining({ action: 'invitation.made', target: 'INC1' }),
    ]);
  });

  it('of the same ticket keep their link and what the form leaves out', async () => {
    const ticket = { ticketId: 'INC1', supportGroupCode: 'SDESK' };
    const first = await demo.admin.post('/invitations', { ...ticket, agentId: 'adam' });
    const again = await demo.admin.post('/invitations', { ...ticket, agentId: ' ', customer: 'carole' });
    expect(again.headers.location).toBe(first.headers.location);
    const html = await invitations();
    expect(html).toContain('INC1 had an invitation already');
    expect(textOf(html)).toContain('carole helped by adam');
  });

  it.each([
    ['ticketId', { ticketId: '' }],
    ['supportGroupCode', { supportGroupCode: ' ' }],
    ['customerEmail', { customerEmail: 'nobody' }],
    ['language', { language: 'xx-nonsense-language' }],
    ['expiresAt', { expiresAt: '2001-01-01' }],
    ['expiresAt', { expiresAt: 'tomorrow' }],
  ])('with a wrong %s are refused, as typed', async (field, change) => {
    const typed = { ticketId: 'INC1', supportGroupCode: 'SDESK', agentId: HOSTILE, ...change };
    const refused = await demo.admin.post('/invitations', typed);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain(`id="invite-${field}-error"`);
    expect(refused.text).toMatch(new RegExp(`id="invite-${field}"[^>]*aria-invalid="true"`));
    expect(refused.text).toContain('&lt;script&gt;alert(1)');
    expect(refused.text).not.toContain('<script>alert');
    expect(refused.text).toMatch(/<details[^>]* open>/);
  });

  it('come in pages, newest first, and back again', async () => {
    for (let count = 1; count <= 53; count++) {
      await buildInvitation(web, demo.survey, { ticketId: `T-${count}` });
    }
    const first = await invitations();
    expect(tickets(first)).toHaveLength(50);
    expect(tickets(first)[0]).toBe('T-53');
    expect(first).not.toContain('← Newer');
    const older = /href="\/invitations(\?before&#x3D;\d+|\?before=\d+)"/.exec(first)![1]!.replace('&#x3D;', '=');
    const second = await invitations(older);
    expect(tickets(second)).toEqual(['T-3', 'T-2', 'T-1']);
    expect(second).not.toContain('Older →');
    const newer = /href="\/invitations(\?after&#x3D;\d+|\?after=\d+)"/.exec(second)![1]!.replace('&#x3D;', '=');
    expect(tickets(await invitations(newer))).toEqual(tickets(first));
    expect((await demo.admin.get('/invitations?before=x')).status).toBe(404);
  });

  it('of another organisation are not ours', async () => {
    const other = await buildStaffed(web);
    const made = await other.admin.post('/invitations', { ticketId: 'THEIRS', supportGroupCode: 'SDESK' });
    expect((await demo.admin.get(made.headers.location!)).text).not.toContain('THEIRS');
  });

  it('teach what will be here while there are none, and show the ticket system’s link', async () => {
    const html = await invitations();
    expect(html).toContain('Nobody has been invited yet');
    expect(html).toContain(`cpc&#x3D;${demo.organisation.portalCode}`);
  });
});

function tickets(html: string): string[] {
  return [...html.matchAll(/<strong>(T-\d+)<\/strong>/g)].map(([, ticket]) => ticket!);
}
