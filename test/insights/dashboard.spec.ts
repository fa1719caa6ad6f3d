import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { answer, buildInvitation } from '../support/factories.js';
import { attempted, newDelivery } from '../support/deliveries.js';
import { buildWatched, changeWebhook, type Watched } from '../support/log-journey.js';
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
  watched = await buildWatched(web, null);
});

describe('the dashboard', () => {
  it('is where a member comes after signing in, and at the bare address', async () => {
    const { email, password } = await buildMember(web, { organisationId: watched.organisation.id });
    const visitor = new Visitor(web);
    expect((await visitor.get('/').expect(302)).headers.location).toBe('/dashboard');
    await visitor.get('/dashboard').expect(303);
    const { headers } = await visitor.post('/sign-in', { email, password });
    const { text } = await visitor.get(headers.location!).redirects(1).expect(200);
    expect(text).toContain('<h1>Dashboard</h1>');
  });

  it('says that there is no response yet, which is no score', async () => {
    const text = await page();
    expect(text).toContain('No responses in the last 30 days.');
    expect(text).not.toContain('class="headline');
    expect(text).not.toContain('<svg');
    expect(text).toContain('Nobody has written a comment yet.');
    expect(text).toContain('None.</span>');
  });

  it('says nothing about the score below ten responses', async () => {
    await answers([0, 10, 10]);
    const text = await page();
    expect(text).toContain('Too few responses to say');
    expect(text).toContain('>3 responses<');
    expect(text).not.toContain('class="headline');
  });

  it('shows the score with n and its interval, and each number leads to its list', async () => {
    await answers([10, 9, 9, 10, 10, 9, 8, 7, 6, 0, 0, 10]);
    const text = await page();
    expect(text).toMatch(/class="headline[^>]*><a href="[^"]*">\+33</);
    // 7 promoters and 3 detractors of 12, adjusted: 26.67 ± 42.21.
    expect(text).toContain('With 95 % certainty between −16 and +69.');
    expect(text).toContain('>12 responses<');
    for (const [band, count] of [
      ['promoter', 7],
      ['passive', 2],
      ['detractor', 3],
    ] as const) {
      const [, href] = new RegExp(`href="(/responses[^"]*band&#x3D;${band})">${count}<`).exec(text)!;
      const list = await watched.member.get(unescaped(href!)).expect(200);
      expect(list.text).toContain(`${count} responses found`);
    }
    const all = /class="headline[^>]*><a href="([^"]*)"/.exec(text)![1]!;
    expect((await watched.member.get(unescaped(all)).expect(200)).text).toContain('12 responses found');
  });

  it('draws the last 30 days as a picture, and says the same in words and as a table', async () => {
    await answers([10, 0, 8]);
    await answers([5], 29);
    await answers([5], 31);
    const text = await page();
    const svg = /<svg[\s\S]*<\/svg>/.exec(text)![0];
    expect(svg).toContain('role="img" aria-labelledby="picture-title picture-words"');
    expect(svg).toMatch(/<desc id="picture-words">4 responses from .*: 1 promoters, 1 passives and 2 detractors\./);
    expect(svg.match(/<rect class="bar-(promoter|passive|detractor)" x=/g)).toHaveLength(4);
    expect(svg).not.toMatch(/style|<script/);
    const rows = text.match(/<tr role="row">\s*<th role="rowheader"/g);
    expect(rows).toHaveLength(2);
  });

  it('shows the latest comments, 0 scores and markup as they are', async () => {
    for (let number = 1; number <= 6; number += 1) {
      await answered({ overall: 0, comments: `<b>Comment ${number}</b>` });
    }
    await answered({ overall: 10, comments: '' });
    const text = await page();
    expect(text.match(/&lt;b&gt;Comment \d/g)).toEqual([6, 5, 4, 3, 2].map((number) => `&lt;b&gt;Comment ${number}`));
    expect(text).toContain('<strong>0</strong>');
    expect(text).not.toContain('<b>Comment');
  });

  it('shows nothing of another organisation', async () => {
    await answers([10]);
    const other = await buildWatched(web, null);
    expect((await other.member.get('/dashboard').expect(200)).text).toContain('No responses in the last 30 days.');
  });
});

describe('deliveries in trouble', () => {
  beforeEach(() =>
    changeWebhook(web, watched, { enabled: true, request: { ...watched.webhook.request, url: receiver.url() } }),
  );

  it('are the failed ones of the last seven days', async () => {
    const old = await newDelivery(web, watched);
    const failed = await newDelivery(web, watched);
    await attempted(web, failed, 1);
    await attempted(web, old, 1);
    await web.pool.query(`update delivery set status = 'failed' where id = $1`, [failed]);
    const text = await page();
    expect(text).toMatch(/✕<\/span> Failed:<\/span> <a href="\/webhook-log\?[^"]*">1 delivery<\/a>/);
    expect(text).toContain(webhookIdOf(failed));
    expect(text).not.toContain(webhookIdOf(old));
    const [, href] = /<a href="(\/webhook-log\?[^"]*)">1 delivery/.exec(text)!;
    const list = await watched.member.get(unescaped(href!)).expect(200);
    expect(list.text).toContain(webhookIdOf(failed));
    expect(list.text).not.toContain(webhookIdOf(old));
  });

  it('are those that wait for a webhook that is off, and those due for long', async () => {
    receiver.answer = 500;
    const id = await newDelivery(web, watched);
    await attempted(web, id, 1);
    receiver.answer = 200;
    expect(await page()).toContain('None.</span>');
    await changeWebhook(web, watched, { enabled: false });
    await web.pool.query(
      `update due_attempt set due_at = clock_timestamp() - interval '10 minutes' where delivery_id = $1`,
      [id],
    );
    const off = await page();
    expect(off).toMatch(/Waiting:<\/span> <a href="[^"]*">1 delivery<\/a> of .*The webhook is switched off/);
    expect(off).not.toContain('Late:');
  });

  it('are due for long when nobody calls', async () => {
    const lonely = await createTestDatabase();
    const silent = await startWeb(lonely, { PROCESS: 'web' });
    try {
      const own = await buildWatched(silent, receiver.url());
      const id = await newDelivery(silent, own);
      const due = `update due_attempt set due_at = clock_timestamp() - $2 * interval '1 minute' where delivery_id = $1`;
      await silent.pool.query(due, [id, 4]);
      expect((await own.member.get('/dashboard').expect(200)).text).toContain('None.</span>');
      await silent.pool.query(due, [id, 6]);
      const { text } = await own.member.get('/dashboard').expect(200);
      expect(text).toMatch(/Late:<\/span> <a href="[^"]*">1 delivery<\/a> due for more than 5 minutes/);
    } finally {
      await silent.close();
      await lonely.drop();
    }
  });

  it('are for admins and developers only', async () => {
    for (const role of ['admin', 'developer', 'support_lead', 'viewer'] as const) {
      const { email, password } = await buildMember(web, { role, organisationId: watched.organisation.id });
      const { text } = await (await signIn(web, email, password)).get('/dashboard').expect(200);
      expect({ role, seen: text.includes('Deliveries in trouble') }).toEqual({
        role,
        seen: role === 'admin' || role === 'developer',
      });
      expect(text.includes('/webhook-log')).toBe(role === 'admin' || role === 'developer');
    }
  });
});

async function answers(scores: readonly number[], daysAgo = 0): Promise<void> {
  for (const overall of scores) {
    const id = await answered({ overall, comments: '' });
    await web.pool.query(`update response set completed_at = completed_at - make_interval(days => $2) where id = $1`, [
      id,
      daysAgo,
    ]);
  }
}

async function answered(given: Parameters<typeof answer>[3]): Promise<number> {
  const invitation = await buildInvitation(web, watched.survey);
  await answer(web, watched.survey, invitation, given);
  const { rows } = await web.pool.query<{ id: number }>('select id from response where invitation_id = $1', [
    invitation.id,
  ]);
  return rows[0]!.id;
}

async function page(): Promise<string> {
  return (await watched.member.get('/dashboard').expect(200)).text;
}

function unescaped(href: string): string {
  return href.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
}
