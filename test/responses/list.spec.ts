import { Segment, SupportGroup } from '../../src/directory/directory.entity.js';
import { answer, buildInvitation } from '../support/factories.js';
import { buildWatched, type Watched } from '../support/log-journey.js';
import { manyResponses } from '../support/many-responses.js';
import { buildMember, signIn, Visitor, type TestWeb, useWeb } from '../support/web.js';

let web: TestWeb;
let watched: Watched;

useWeb((started) => {
  web = started;
});
beforeEach(async () => {
  watched = await buildWatched(web, null);
});

describe('the list of responses', () => {
  it('says what will appear while it is empty, and what to do', async () => {
    const text = await page();
    expect(text).toContain('No customer has answered yet');
    expect(text).not.toContain('<table');
    expect(text).not.toContain('role="search"');
  });

  it('is for members of every role, and for nobody else', async () => {
    expect((await new Visitor(web).get('/responses').expect(303)).headers.location).toBe(
      '/sign-in?returnTo=%2Fresponses',
    );
    for (const role of ['admin', 'developer', 'support_lead', 'viewer'] as const) {
      const { email, password } = await buildMember(web, { role, organisationId: watched.organisation.id });
      await (await signIn(web, email, password)).get('/responses').expect(200);
    }
  });

  it('goes from the newest answer to the oldest, and a replacing answer moves to the top', async () => {
    const first = await answered({ ticketId: 'INC-A' });
    await answered({ ticketId: 'INC-B' });
    expect(tickets(await page())).toEqual(['INC-B', 'INC-A']);
    await answer(web, watched.survey, first.invitation, { overall: 3 });
    expect(tickets(await page())).toEqual(['INC-A', 'INC-B']);
  });

  it('shows a score of 0, and escapes whatever customers wrote', async () => {
    await answered(
      { ticketId: 'INC<1>', customerName: '<b>Carole</b>', agentId: '"><script>' },
      { overall: 0, comments: '<script>alert(1)</script>' },
    );
    const text = await page();
    expect(text).toContain('<strong>0</strong>');
    expect(text).toContain('Detractor');
    expect(text).toContain('INC&lt;1&gt;');
    expect(text).toContain('&lt;b&gt;Carole');
    expect(text).toContain('&lt;script&gt;alert(1)');
    expect(text).not.toContain('<script>alert');
    expect(text).not.toContain('"><script>');
  });

  it('is called what it is, and stands in the menu', async () => {
    const text = await page();
    expect(text).toContain('<title>Responses · Answerback</title>');
    expect(text).toMatch(/href="\/responses" aria-current="page"/);
  });

  it('shows nothing of another organisation', async () => {
    await answered();
    const other = await buildWatched(web, null);
    expect((await other.member.get('/responses').expect(200)).text).toContain('No customer has answered yet');
  });
});

describe('the filters of the list', () => {
  beforeEach(async () => {
    await answered(
      { ticketId: 'INC-P', agentId: 'bella', segmentCode: 'NZ' },
      { overall: 10, comments: 'Great 100% help' },
    );
    await answered(
      { ticketId: 'INC-7', supportGroupCode: 'LEGACY', segmentCode: '', segment2Code: 'FIN' },
      { overall: 7, comments: '' },
    );
    await answered(
      { ticketId: 'INC-0', segmentCode: '', customerName: 'Wiremu Tāne' },
      { overall: 0, comments: 'Slow_er' },
    );
  });

  it.each([
    ['band=promoter', ['INC-P']],
    ['band=passive', ['INC-7']],
    ['band=detractor', ['INC-0']],
    ['score=0', ['INC-0']],
    ['score=10', ['INC-P']],
    ['group=SDESK', ['INC-0', 'INC-P']],
    ['group=LEGACY', ['INC-7']],
    ['agent=bella', ['INC-P']],
    ['segment=NZ', ['INC-P']],
    ['segment=FIN', ['INC-7']],
    ['segment=NONE', ['INC-0']],
    ['q=gREAT', ['INC-P']],
    ['q=inc-7', ['INC-7']],
    ['q=Wiremu', ['INC-0']],
    ['q=100%25', ['INC-P']],
    ['q=l_w', []],
    ['q=%25', ['INC-P']],
    ['q=_', ['INC-0']],
    ['q=%00', []],
    ['band=&score=&q=&from=&to=', ['INC-0', 'INC-7', 'INC-P']],
    ['group=SDESK&band=detractor&q=slow', ['INC-0']],
    ['from=2000-01-01&to=2000-01-02', []],
    ['from=2000-01-01', ['INC-0', 'INC-7', 'INC-P']],
    ['from=8999-12-31', []],
    ['to=8999-12-31', ['INC-0', 'INC-7', 'INC-P']],
    ['unknown=1', ['INC-0', 'INC-7', 'INC-P']],
  ])('%s', async (query, expected) => {
    const text = await page(`?${query}`);
    expect(tickets(text)).toEqual(expected);
    expect(text.includes('No response fits these filters')).toBe(expected.length === 0);
  });

  it.each([
    ['from=yesterday', 'From: Give a day such as 2026-11-22.'],
    ['from=0000-01-01', 'From: Give a day'],
    ['to=2026-02-30', 'To: Give a day such as 2026-11-22.'],
    ['from=2026-11-02&to=2026-11-01', 'To: The last day lies before the first one.'],
    ['band=best', 'Score band: Choose promoters'],
    ['score=11', 'Score: A score is a whole number from 0 to 10.'],
    ['before=1', 'Page: This page of the list does not exist.'],
    ['q=a&q=b', 'Text: Give it once.'],
    [`q=${'x'.repeat(201)}`, 'Text: must have at most 200 characters.'],
    ['from=%22%3E%3Cscript%3E', 'From: Give a day'],
  ])('%s is refused with the reason', async (query, words) => {
    const { text } = await watched.member.get(`/responses?${query}`).expect(422);
    expect(text).toContain(words);
    expect(text).not.toContain('<table');
    expect(text).not.toContain('"><script>');
  });

  it('offer the groups, segments and agents of the own organisation, and of no other', async () => {
    const other = await buildWatched(web, null);
    const em = web.orm.em.fork();
    const organisationId = other.organisation.id;
    em.create(SupportGroup, { organisationId, code: 'THEIRS', name: 'Their group' });
    em.create(Segment, { organisationId, code: 'THEIRS', name: 'Their segment' });
    await em.flush();
    const theirs = await buildInvitation(web, other.survey, { agentId: 'their.agent' });
    await answer(web, other.survey, theirs);

    const text = await page();
    expect(text).toContain('Service Desk');
    expect(text).toContain('New Zealand');
    expect(text).toContain('<option value="adam.agent"></option><option value="bella"></option>');
    expect(text).not.toMatch(/their/i);
    expect((await other.member.get('/responses').expect(200)).text).toMatch(/Their group[^]*their\.agent/);
  });

  it('stand in the form again', async () => {
    const text = await page('?q=%22Slow&band=detractor&score=0&group=NEW%3C1%3E&agent=bella&segment=NONE');
    expect(text).toContain('value="&quot;Slow"');
    expect(text).toContain('<option value="detractor" selected>');
    expect(text).toContain('<option value="0" selected>');
    expect(text).toContain('<option value="NEW&lt;1&gt;" selected>NEW&lt;1&gt; (unknown code)');
    expect(text).toContain('<option value="NONE" selected>No segment');
  });

  it('count days where the organisation is', async () => {
    await web.pool.query(`update organisation set time_zone = 'Pacific/Auckland' where id = $1`, [
      watched.organisation.id,
    ]);
    // The evening of 21 November in Greenwich is the 22nd in Auckland.
    await web.pool.query(
      `update response set completed_at = '2026-11-21T11:30:00Z' where ticket_id = 'INC-P'
      and organisation_id = $1`,
      [watched.organisation.id],
    );
    expect(tickets(await page('?from=2026-11-22&to=2026-11-22&band=promoter'))).toEqual(['INC-P']);
    const text = await page('?to=2026-11-21&band=promoter');
    expect(tickets(text)).toEqual([]);
    expect(await page('?band=promoter')).toMatch(/title="2026-11-21 11:30:00 GMT">22 Nov 2026, 00:30/);
  });

  it('live with a time zone that does not exist', async () => {
    await web.pool.query(`update organisation set time_zone = 'Mars/Crater' where id = $1`, [watched.organisation.id]);
    expect(tickets(await page('?from=2000-01-01'))).toHaveLength(3);
  });
});

describe('the pages of the list', () => {
  it('lead to older and back to newer, under the same filters, without a gap or a repetition', async () => {
    const { invitation } = await answered();
    await manyResponses(web, invitation, { count: 120, overall: 8 });
    const first = await page('?band=passive');
    const second = await page(queryOf(first, 'next'));
    const third = await page(queryOf(second, 'next'));
    const all = [first, second, third].flatMap(tickets);
    expect(all).toEqual(Array.from({ length: 120 }, (_, index) => `T-${120 - index}`));
    expect(third).not.toContain('rel="next"');
    expect(first).not.toContain('rel="prev"');
    expect(first).toContain('120 responses found');
    const back = await page(queryOf(third, 'prev'));
    expect(tickets(back)).toEqual(tickets(second));
    expect(tickets(await page(queryOf(back, 'prev')))).toEqual(tickets(first));
  });

  it('end where exactly one page is left', async () => {
    const { invitation } = await answered();
    await manyResponses(web, invitation, { count: 100, overall: 8 });
    const first = await page('?band=passive');
    const second = await page(queryOf(first, 'next'));
    expect(tickets(second)).toHaveLength(50);
    expect(second).not.toContain('rel="next"');
    const back = await page(queryOf(second, 'prev'));
    expect(tickets(back)).toEqual(tickets(first));
    expect(back).not.toContain('rel="prev"');
  });

  it('lead on from a page in front of another', async () => {
    const { invitation } = await answered();
    await manyResponses(web, invitation, { count: 151, overall: 8 });
    const first = await page('?band=passive');
    const second = await page(queryOf(first, 'next'));
    const third = await page(queryOf(second, 'next'));
    const back = await page(queryOf(third, 'prev'));
    expect(tickets(await page(queryOf(back, 'next')))).toEqual(tickets(third));
  });

  it.each([
    [10_000, '10,000 responses found'],
    [10_001, 'More than 10,000 responses found'],
  ])('count up to 10,000: of %i they say "%s"', async (count, words) => {
    const { invitation } = await answered();
    await manyResponses(web, invitation, { count, overall: 8 });
    expect(await page('?band=passive')).toMatch(new RegExp(`>\\s*${words}`));
  });

  it('behind everything say so', async () => {
    await answered();
    expect(await page('?before=1-1')).toContain('Nothing lies further back');
  });
});

async function answered(
  ticket: Parameters<typeof buildInvitation>[2] = {},
  answers: Parameters<typeof answer>[3] = {},
) {
  const invitation = await buildInvitation(web, watched.survey, ticket);
  await answer(web, watched.survey, invitation, answers);
  return { invitation };
}

async function page(query = ''): Promise<string> {
  return (await watched.member.get(`/responses${query}`).expect(200)).text;
}

function tickets(text: string): string[] {
  return [...text.matchAll(/<a class="id" href="\/responses\/\d+">([^<]*)<\/a>/g)].map((match) => match[1]!);
}

function queryOf(text: string, rel: 'next' | 'prev'): string {
  const [, href] = new RegExp(`href="/responses([^"]*)" rel="${rel}"`).exec(text)!;
  return href!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
}
