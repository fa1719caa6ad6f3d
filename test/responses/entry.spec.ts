import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { answer, buildInvitation } from '../support/factories.js';
import { attempted, newDelivery } from '../support/deliveries.js';
import { buildWatched, type Watched } from '../support/log-journey.js';
import { startReceiver, type Receiver } from '../support/receivers.js';
import { buildMember, signIn, startWeb, Visitor, type TestWeb } from '../support/web.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';

let database: TestDatabase;
let web: TestWeb;
let receiver: Receiver;
let watched: Watched;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database);
  receiver = await startReceiver();
});
afterAll(async () => {
  await web?.close();
  await receiver?.close();
  await database?.drop();
});
beforeEach(async () => {
  watched = await buildWatched(web, receiver.url());
});

describe('the page of a response', () => {
  it('shows score, factors, comment and context, a score of 0 and hostile text included', async () => {
    const id = await answered(
      { ticketId: 'INC123', customerName: 'Carole <i>' },
      { overall: 0, factors: ['Speed'], comments: 'Too slow,\n <b>again</b>' },
    );
    const text = await page(id);
    expect(text).toContain(`<title>Response ${id} · Answerback</title>`);
    expect(text).toMatch(/href="\/responses" aria-current="page"/);
    expect(text).toContain('Ticket INC123');
    expect(text).toContain('<strong>0</strong>');
    expect(text).toMatch(/✕<\/span> Speed:<\/span> could be better/);
    expect(text).toContain('Too slow,\n &lt;b&gt;again&lt;/b&gt;');
    expect(text).toContain('Carole &lt;i&gt;, carole.customer');
    expect(text).toContain('Service Desk (SDESK)');
    expect(text).toContain('New Zealand (NZ)');
    expect(text).not.toContain('Earlier answers');
  });

  it('ticks what a promoter praised', async () => {
    const text = await page(await answered({}, { overall: 9, factors: ['Knowledge'] }));
    expect(text).toMatch(/✓<\/span> Knowledge:<\/span> done well/);
  });

  it('shows each answer that a later one replaced, with when', async () => {
    const invitation = await buildInvitation(web, watched.survey);
    await answer(web, watched.survey, invitation, { overall: 0, factors: ['Effort'], comments: 'First <1>' });
    await answer(web, watched.survey, invitation, { overall: 6, comments: 'Second' });
    await answer(web, watched.survey, invitation, { overall: 10, comments: 'Third' });
    const text = await page(await responseOf(invitation.id));
    const [now, earlier] = text.split('Earlier answers');
    expect(now).toContain('Third');
    expect(now).not.toContain('Second');
    expect(earlier!.indexOf('Second')).toBeLessThan(earlier!.indexOf('First &lt;1&gt;'));
    expect(earlier).toContain('<strong>0</strong>');
    expect(earlier).toMatch(/✕<\/span> Effort/);
    expect(earlier).not.toContain('Third');
    expect(earlier!.match(/replaced <time/g)).toHaveLength(2);
  });

  it('lists its deliveries to admins and developers only', async () => {
    const deliveryId = await newDelivery(web, watched);
    await attempted(web, deliveryId, 1);
    const { rows } = await web.pool.query<{ id: number }>('select id from response where organisation_id = $1', [
      watched.organisation.id,
    ]);
    const path = `/responses/${rows[0]!.id}`;
    for (const role of ['admin', 'developer', 'support_lead', 'viewer'] as const) {
      const { email, password } = await buildMember(web, { role, organisationId: watched.organisation.id });
      const { text } = await (await signIn(web, email, password)).get(path).expect(200);
      const may = role === 'admin' || role === 'developer';
      expect({ role, seen: text.includes(webhookIdOf(deliveryId)) }).toEqual({ role, seen: may });
      expect(text.includes('Deliveries')).toBe(may);
      expect(text).toContain('Add a note');
    }
  });

  it('says when no webhook was triggered', async () => {
    await web.pool.query('update webhook set enabled = false where organisation_id = $1', [watched.organisation.id]);
    expect(await page(await answered())).toContain('No webhook was triggered');
  });

  it('takes notes and comes back to itself', async () => {
    const id = await answered();
    const fields = { id: String(id), page: 'response', text: 'Called <b>back</b>' };
    const reply = await watched.member.post('/service-recovery-notes', fields);
    expect(reply.headers.location).toBe(`/responses/${id}`);
    const text = await page(id);
    expect(text).toContain('Note added.');
    expect(text).toContain('Called &lt;b&gt;back&lt;/b&gt;');
    expect(text).toContain('name="page" value="response"');
  });

  it.each(['0', 'abc', '1.0', '99999999999999999999', '999999999999999', 'abc%20'])(
    'is not there at %s',
    async (id) => {
      await watched.member.get(`/responses/${id}`).expect(404);
    },
  );

  it('is for members of its organisation only', async () => {
    const id = await answered();
    const other = await buildWatched(web, null);
    const { text } = await other.member.get(`/responses/${id}`).expect(404);
    expect(text).toContain('This response was not found');
    await new Visitor(web).get(`/responses/${id}`).expect(303);
  });
});

async function answered(
  ticket: Parameters<typeof buildInvitation>[2] = {},
  answers: Parameters<typeof answer>[3] = {},
): Promise<number> {
  const invitation = await buildInvitation(web, watched.survey, ticket);
  await answer(web, watched.survey, invitation, answers);
  return responseOf(invitation.id);
}

async function responseOf(invitationId: number): Promise<number> {
  const { rows } = await web.pool.query<{ id: number }>('select id from response where invitation_id = $1', [
    invitationId,
  ]);
  return rows[0]!.id;
}

async function page(id: number): Promise<string> {
  return (await watched.member.get(`/responses/${id}`).expect(200)).text;
}
