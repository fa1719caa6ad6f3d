import type { Invitation } from '../../src/invitations/invitation.entity.js';
import { ticketLinkQuery } from '../../src/surveys/ticket-link.js';
import type { TestDatabase } from '../support/database.js';
import { buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { sendForm as send, surveyLink } from '../support/survey-visit.js';
import { useWeb, type TestWeb } from '../support/web.js';

let database: TestDatabase;
let web: TestWeb;
let demo: TestOrganisation;

useWeb((started, itsDatabase) => {
  web = started;
  database = itsDatabase;
});
beforeAll(async () => {
  demo = await buildOrganisation(web, null);
});

const linkOf = (invitation: Invitation) => surveyLink(web, invitation);

async function rows(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await web.pool.query(sql, values)).rows;
}

/** Everything that a survey could write. */
async function everything(): Promise<unknown> {
  return rows(`select (select count(*) from invitation) i, (select count(*) from response) r,
                      (select count(*) from submission) s, (select count(*) from event) e`);
}

function ticketLink(details: Partial<Parameters<typeof ticketLinkQuery>[0]> = {}): string {
  const query = ticketLinkQuery({
    surveyCode: demo.survey.code,
    portalCode: demo.organisation.portalCode,
    ticketId: 'SELF1',
    supportGroupCode: 'SDESK',
    agentId: 'adam.agent',
    customerId: 'carole.customer',
    segmentCode: 'NZ',
    segment2Code: '',
    ...details,
  });
  return `/?${query}`;
}

describe('an invitation\u2019s link', () => {
  test('shows the form, names the ticket, sets no cookie and writes nothing', async () => {
    const invitation = await buildInvitation(web, demo.survey, { ticketId: 'INC-show' });
    const before = await everything();
    const response = await fetch(linkOf(invitation));
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(page).toContain('INC-show');
    expect(page).toContain('Service Desk');
    expect(page.match(/type="radio"/g)).toHaveLength(11);
    expect(page).not.toMatch(/type="radio"[^>]* checked/);
    expect(await everything()).toEqual(before);
  });

  test('pre-selects a score and records nothing of it', async () => {
    const invitation = await buildInvitation(web, demo.survey);
    const before = await everything();
    const page = await (await fetch(`${linkOf(invitation)}?score=0`)).text();
    expect(page.match(/<input[^>]*type="radio"[^>]*>/g)!.filter((radio) => radio.includes('checked'))).toEqual([
      expect.stringContaining('value="0"'),
    ]);
    for (const score of ['11', 'x', '', '9&score=8']) {
      expect(await (await fetch(`${linkOf(invitation)}?score=${score}`)).text()).not.toMatch(/radio"[^>]* checked/);
    }
    expect(await everything()).toEqual(before);
  });

  test('takes an answer without any cookie: 303 to a thank-you page', async () => {
    const invitation = await buildInvitation(web, demo.survey);
    const sent = await send(linkOf(invitation), [
      ['overall', '0'],
      ['factors', 'Speed'],
      ['factors', 'Effort'],
      ['comments', 'Slow.\r\nToo slow.'],
    ]);
    expect(sent.status).toBe(303);
    expect(sent.headers.get('set-cookie')).toBeNull();
    const thanks = await fetch(new URL(sent.headers.get('location')!, web.url));
    expect(thanks.status).toBe(200);
    expect(await thanks.text()).toContain('Thank you');
    expect(
      await rows('select overall, factors, comments from response where invitation_id = $1', [invitation.id]),
    ).toEqual([{ overall: 0, factors: ['Speed', 'Effort'], comments: 'Slow.\nToo slow.' }]);
  });

  test('gives the form back as typed when the score is missing', async () => {
    const invitation = await buildInvitation(web, demo.survey);
    const response = await send(linkOf(invitation), [
      ['factors', 'Speed'],
      ['comments', 'My <b>words</b> & "quotes"'],
    ]);
    const page = await response.text();
    expect(response.status).toBe(422);
    expect(page).toContain('My &lt;b&gt;words&lt;/b&gt; &amp; &quot;quotes&quot;');
    expect(page).toMatch(/<input[^>]*value="Speed"[^>]*checked/);
    expect(await rows('select 1 from response where invitation_id = $1', [invitation.id])).toEqual([]);
  });

  test('answered again replaces the answer, and never shows the earlier one', async () => {
    const invitation = await buildInvitation(web, demo.survey);
    await send(linkOf(invitation), [
      ['overall', '2'],
      ['comments', 'the-earlier-words'],
    ]);
    const [first] = await rows('select id, completed_at from response where invitation_id = $1', [invitation.id]);
    const page = await (await fetch(linkOf(invitation))).text();
    expect(page).toContain('replaces your earlier answer');
    expect(page).not.toContain('the-earlier-words');
    expect(page).not.toMatch(/type="radio"[^>]* checked/);

    const again = await send(linkOf(invitation), [['overall', '10']]);
    expect(again.headers.get('location')).toContain('replaced=1');
    const all = await rows('select id, overall, comments, completed_at from response where invitation_id = $1', [
      invitation.id,
    ]);
    expect(all).toMatchObject([{ id: first!.id, overall: 10, comments: '' }]);
    expect((all[0]!.completed_at as Date) > (first!.completed_at as Date)).toBe(true);
    const events = await rows(`select id from event where record_id = $1 and type = 'response.completed'`, [first!.id]);
    expect(events).toHaveLength(2);
  });

  test('sent twice with one form id changes nothing the second time', async () => {
    const invitation = await buildInvitation(web, demo.survey);
    const form = /name="form" value="([^"]+)"/.exec(await (await fetch(linkOf(invitation))).text())![1]!;
    const both = await Promise.all(
      ['3', '3'].map((overall) =>
        send(linkOf(invitation), [
          ['overall', overall],
          ['form', form],
        ]),
      ),
    );
    expect(both.map((response) => response.status)).toEqual([303, 303]);
    expect(await rows('select 1 from submission where invitation_id = $1', [invitation.id])).toHaveLength(1);
  });

  test.each([
    ['score', { overall: 1 }],
    ['comment', { comments: 'On second thought' }],
    ['choice of factors', { factors: ['Speed'] }],
  ])(
    'sent again with another %s under the same form id is a change of mind, not a repetition',
    async (_what, other) => {
      const invitation = await buildInvitation(web, demo.survey);
      const first = { overall: 9, comments: 'At first', factors: ['Speed', 'Effort'] };
      const second = { ...first, ...other };
      for (const answers of [first, second, second]) {
        const sent = await send(linkOf(invitation), [
          ['overall', String(answers.overall)],
          ['comments', answers.comments],
          ...answers.factors.map((factor): [string, string] => ['factors', factor]),
          ['form', 'the-form-of-a-lost-reply'],
        ]);
        expect(sent.status).toBe(303);
      }
      expect(
        await rows('select overall, comments, factors from response where invitation_id = $1', [invitation.id]),
      ).toEqual([second]);
      expect(await rows('select 1 from submission where invitation_id = $1', [invitation.id])).toHaveLength(2);
    },
  );

  test('keeps the customer\u2019s name and e-mail for that customer alone', async () => {
    const invitation = await buildInvitation(web, demo.survey, { customerId: 'carole', customerName: 'Carole C' });
    const link = ticketLink({ ticketId: invitation.ticketId, customerId: 'bob' });
    await send(`${web.url}/t${link.slice(1)}`, [['overall', '5']]);
    expect(
      await rows('select customer_id, customer_name from response where invitation_id = $1', [invitation.id]),
    ).toEqual([{ customer_id: 'bob', customer_name: '' }]);
  });

  test('takes a score from a link with &amp; too', async () => {
    const link = `${ticketLink({ ticketId: 'SELF-S' })}&score=7`.replaceAll('&', '&amp;');
    expect(await (await fetch(`${web.url}${link}`)).text()).toMatch(/value="7"[^>]* checked/);
  });

  test.each(['unknown', 'x'.repeat(32), '..%2f..%2fetc', 'a'.repeat(5000)])(
    'that is none is a plain 404: %s',
    async (token) => {
      const response = await fetch(`${web.url}/s/${token}`);
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toContain('text/html');
      expect((await send(`${web.url}/s/${token}`, [['overall', '5']])).status).toBe(404);
    },
  );

  test('that has expired says so with 410, for reading and for sending, and by the ticket\u2019s own link too', async () => {
    const invitation = await buildInvitation(web, demo.survey, {
      ticketId: 'OLD',
      expiresAt: new Date(Date.now() - 1000),
    });
    expect((await fetch(linkOf(invitation))).status).toBe(410);
    expect((await send(linkOf(invitation), [['overall', '5']])).status).toBe(410);
    expect((await fetch(`${web.url}${ticketLink({ ticketId: 'OLD' })}`)).status).toBe(410);
  });
});

describe('a ticket system\u2019s own link', () => {
  test('shows the form at once and writes nothing until it is sent', async () => {
    const before = await everything();
    const response = await fetch(`${web.url}${ticketLink({ ticketId: 'SELF-A' }).replaceAll('&', '&amp;')}`);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(page).toContain('SELF-A');
    expect(await everything()).toEqual(before);

    const action = /<form[^>]*action="([^"]+)"/.exec(page)![1]!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
    const sent = await send(new URL(action, web.url).href, [['overall', '9']]);
    expect(sent.status).toBe(303);
    expect((await fetch(new URL(sent.headers.get('location')!, web.url))).status).toBe(200);
    expect(
      await rows(`select support_group_code, agent_id, customer_id, segment_code, segment_2_code, overall
                         from response where ticket_id = 'SELF-A'`),
    ).toEqual([
      {
        support_group_code: 'SDESK',
        agent_id: 'adam.agent',
        customer_id: 'carole.customer',
        segment_code: 'NZ',
        segment_2_code: '',
        overall: 9,
      },
    ]);
  });

  test('keeps an answer under codes that nobody knows', async () => {
    const link = ticketLink({ ticketId: 'SELF-B', supportGroupCode: 'NEW-TEAM', segmentCode: 'MARS' });
    expect((await fetch(`${web.url}${link}`)).status).toBe(200);
    expect((await send(`${web.url}/t${link.slice(1)}`, [['overall', '4']])).status).toBe(303);
    const [event] = await rows(
      `select snapshot from event where type = 'response.completed' and snapshot ->> 'ticketId' = 'SELF-B'`,
    );
    expect(event!.snapshot).toMatchObject({
      supportGroupCode: 'NEW-TEAM',
      supportGroupName: '',
      segmentCode: 'MARS',
      segmentName: '',
      segment2Code: 'NONE',
      segment2Name: 'No Segment',
    });
  });

  test('answered many times at once is one response', async () => {
    const link = `${web.url}/t${ticketLink({ ticketId: 'SELF-C' }).slice(1)}`;
    const sent = await Promise.all(Array.from({ length: 8 }, (_, score) => send(link, [['overall', String(score)]])));
    expect(sent.every((response) => response.status === 303)).toBe(true);
    expect(await rows(`select 1 from response where ticket_id = 'SELF-C'`)).toHaveLength(1);
    expect(
      await rows(`select 1 from submission join response on response.id = response_id where ticket_id = 'SELF-C'`),
    ).toHaveLength(8);
  });

  test('written in Latin-1 or with a broken percent sign is still asked about', async () => {
    const link = ticketLink({ ticketId: 'SELF-D' });
    for (const query of ['&agid=Ren%E9', '&utm=50%', '&cid=%']) {
      expect((await fetch(`${web.url}${link}${query}`)).status).toBe(200);
      expect((await send(`${web.url}/t${link.slice(1)}${query}`, [['overall', '6']])).status).toBe(303);
    }
  });

  test.each([
    ['no ticket', { ticketId: '' }, 400],
    ['no group', { supportGroupCode: '' }, 400],
    ['an unknown survey', { surveyCode: 'nope' }, 404],
    ['an unknown organisation', { portalCode: 'nope' }, 404],
  ])('with %s has its own plain page', async (_what, details, status) => {
    const response = await fetch(`${web.url}${ticketLink(details)}`);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('text/html');
  });
});

test('an answer whose event cannot be written is not saved either', async () => {
  const invitation = await buildInvitation(web, demo.survey);
  const owner = new (await import('pg')).Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query('alter table event_pending rename to event_pending_away');
  try {
    const response = await send(linkOf(invitation), [['overall', '8']]);
    expect(response.status).toBeGreaterThanOrEqual(500);
  } finally {
    await owner.query('alter table event_pending_away rename to event_pending');
    await owner.end();
  }
  expect(await rows('select 1 from response where invitation_id = $1', [invitation.id])).toEqual([]);
  expect(await rows(`select 1 from event where snapshot ->> 'ticketId' = $1`, [invitation.ticketId])).toEqual([]);
});
