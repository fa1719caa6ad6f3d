import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { Segment } from '../../src/directory/directory.entity.js';
import { auditTrail } from '../support/accounts.js';
import { asOwner, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { answer, buildInvitation } from '../support/factories.js';
import { buildWatched, type Watched } from '../support/log-journey.js';
import { manyResponses } from '../support/many-responses.js';
import { naughtyStrings } from '../support/naughty-strings.js';
import { type TestWeb, useWeb, Visitor } from '../support/web.js';

let web: TestWeb;
let database: TestDatabase;
let watched: Watched;

useWeb((started, made) => {
  web = started;
  database = made;
});
beforeAll(async () => {
  watched = await buildWatched(web, null);
});
beforeEach(async () => {
  await asOwner(database)('truncate invitation cascade');
});

const HEADER =
  'Response ID,Completed at (UTC),Listening post,Ticket ID,Support group code,Support group name,Agent ID,' +
  'Segment code,Segment name,Segment 2 code,Segment 2 name,Customer,Customer name,Customer e-mail,' +
  'Responsiveness,Interpersonal,Knowledge,Communication,Speed,Confirmation,Effort,Other,' +
  'Overall,Band,Comments,Survey description,Survey language';

describe('an export of responses', () => {
  it('is a CSV file to save, named after the day where the organisation is', async () => {
    await web.pool.query(`update organisation set time_zone = 'Pacific/Kiritimati' where id = $1`, [ownId()]);
    const { headers, text } = await watched.member.get('/responses.csv').expect(200);
    // 14 hours ahead of UTC: the day there, now or as this test began.
    const days = [0, 60_000].map((ago) => new Date(Date.now() + 14 * 3_600_000 - ago).toISOString().slice(0, 10));
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(days.map((day) => `attachment; filename="responses-${day}.csv"`)).toContain(headers['content-disposition']);
    expect(headers['cache-control']).toBe('no-store');
    expect(text).toBe(`\uFEFF${HEADER}\r\n`);
  });

  it('says of each response what the survey payload says, with its codes’ names', async () => {
    await answered(
      {
        ticketId: 'INC1',
        agentId: 'adam.agent',
        customerName: 'Carole, "the" Customer',
        customerEmail: 'c@example.com',
        segment2Code: 'FIN',
      },
      { overall: 6, factors: ['Speed', 'Other'], comments: 'Slow.\nVery "slow", too.\r\nBye' },
    );
    await web.pool.query(
      `update response set completed_at = '2026-03-04T05:06:07.008999Z' where organisation_id = $1`,
      [ownId()],
    );
    const em = web.orm.em.fork();
    em.create(Segment, { organisationId: ownId(), code: 'FIN', name: 'Finance' });
    await em.flush();
    const [row] = await exported();
    expect(row).toEqual({
      'Response ID': expect.stringMatching(/^\d+$/),
      'Completed at (UTC)': '2026-03-04T05:06:07.008Z',
      'Listening post': 'transactional',
      'Ticket ID': 'INC1',
      'Support group code': 'SDESK',
      'Support group name': 'Service Desk',
      'Agent ID': 'adam.agent',
      'Segment code': 'NZ',
      'Segment name': 'New Zealand',
      'Segment 2 code': 'FIN',
      'Segment 2 name': 'Finance',
      Customer: 'carole.customer',
      'Customer name': 'Carole, "the" Customer',
      'Customer e-mail': 'c@example.com',
      Responsiveness: '0',
      Interpersonal: '0',
      Knowledge: '0',
      Communication: '0',
      Speed: '-1',
      Confirmation: '0',
      Effort: '0',
      Other: '-1',
      Overall: '6',
      Band: 'Detractor',
      Comments: 'Slow.\nVery "slow", too.\r\nBye',
      'Survey description': 'Survey for DemoCorp',
      'Survey language': 'English',
    });
  });

  it('keeps whatever customers and ticket systems wrote, and gives no spreadsheet a formula', async () => {
    await answered({ ticketId: '=HYPERLINK("http://evil.example")', agentId: '@SUM(1)' }, { comments: '-1+1' });
    const { invitation } = await answered({ ticketId: 'plain' });
    const naughty = ['Naughty:', ...naughtyStrings].join('\n');
    await web.pool.query('update response set comments = $2 where invitation_id = $1', [invitation.id, naughty]);
    const [plain, formula] = await exported();
    expect(plain!.Comments).toBe(naughty);
    expect(formula).toMatchObject({
      'Ticket ID': `'=HYPERLINK("http://evil.example")`,
      'Agent ID': `'@SUM(1)`,
      Comments: `'-1+1`,
    });
  });

  it('holds all that the filters let through, newest first, and not just a page', async () => {
    const { invitation } = await answered({ ticketId: 'NEWEST' }, { overall: 10 });
    await manyResponses(web, invitation, { count: 1_010, overall: 7 });
    const tickets = (await exported('?band=passive')).map((row) => row['Ticket ID']);
    expect(tickets).toEqual(Array.from({ length: 1_010 }, (_, index) => `T-${1_010 - index}`));
    expect(await exported()).toHaveLength(1_011);
  });

  it('of a list with exactly a page’s worth ends there', async () => {
    const { invitation } = await answered({}, { overall: 10 });
    await manyResponses(web, invitation, { count: 500, overall: 7 });
    expect(await exported('?band=passive')).toHaveLength(500);
  });

  it('holds nothing of another organisation', async () => {
    await answered();
    const other = await buildWatched(web, null);
    expect((await other.member.get('/responses.csv').expect(200)).text).not.toContain('INC');
  });

  it('needs signing in', async () => {
    const { headers } = await new Visitor(web).get('/responses.csv?band=passive').expect(303);
    expect(headers.location).toBe('/sign-in?returnTo=%2Fresponses.csv%3Fband%3Dpassive');
  });

  it('costs who asks for its head alone no more than a page', async () => {
    const { headers } = await watched.member.agent.head('/responses.csv').expect(200);
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
  });
});

describe('the list’s link to it', () => {
  it.each(['', 'band=detractor', 'q=slow&score=0', 'group=SDESK&segment=NZ&agent=bella&from=2026-01-01&to=8999-01-01'])(
    'under the filters "%s" leads to just the responses that the list shows',
    async (query) => {
      await answered({ ticketId: 'A', agentId: 'bella' }, { overall: 10 });
      await answered({ ticketId: 'B', agentId: 'adam' }, { overall: 0, comments: 'Slow' });
      await answered({ ticketId: 'C', segmentCode: '' }, { overall: 5 });
      const { text } = await watched.member.get(`/responses?${query}`).expect(200);
      const [, href] = /href="([^"]*)">Export CSV</.exec(text)!;
      const listed = [...text.matchAll(/<a class="id" href="\/responses\/\d+">([^<]*)<\/a>/g)].map(
        ([, ticket]) => ticket,
      );
      expect(listed.length).toBeGreaterThan(0);
      const link = href!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
      expect((await exported(link.replace('/responses.csv', ''))).map((row) => row['Ticket ID'])).toEqual(listed);
    },
  );

  it('leads from every page to the whole', async () => {
    const { invitation } = await answered();
    await manyResponses(web, invitation, { count: 60, overall: 7 });
    const { text } = await watched.member.get('/responses?band=passive&before=9999999999999999-1').expect(200);
    expect(text).toContain('href="/responses.csv?band&#x3D;passive">Export CSV');
  });

  it('is not there while there is nothing to export', async () => {
    expect((await watched.member.get('/responses').expect(200)).text).not.toContain('Export CSV');
    await answered();
    expect((await watched.member.get('/responses?score=3').expect(200)).text).not.toContain('Export CSV');
  });
});

it.each([
  ['from=yesterday', 'From: Give a day such as 2026-11-22.'],
  ['score=11', 'Score: A score is a whole number from 0 to 10.'],
  ['q=a&q=b', 'Text: Give it once.'],
])('an export under the wrong filter %s is refused as the list refuses it', async (query, words) => {
  const trail = await auditTrail(web, ownId());
  const { text, headers } = await watched.member.get(`/responses.csv?${query}`).expect(422);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(headers['content-disposition']).toBeUndefined();
  expect(text).toContain(words);
  expect(await auditTrail(web, ownId())).toEqual(trail);
});

it('an export stands in the audit trail, with its filters', async () => {
  await watched.member.get('/responses.csv?q=carole&band=passive&from=&before=1-1').expect(200);
  expect((await auditTrail(web, ownId())).at(-1)).toMatchObject({
    action: 'responses.exported',
    details: { text: 'carole', band: 'passive' },
    address: '127.0.0.1',
  });
  const { text } = await watched.member.get('/audit').expect(200);
  expect(text).toContain('Responses exported');
});

describe('a long export', () => {
  const COUNT = 5_000;

  afterEach(() => jest.restoreAllMocks());
  beforeEach(async () => {
    const { invitation } = await answered();
    // 50 MB: more than sockets hold.
    await manyResponses(web, invitation, { count: COUNT, overall: 7, comments: 'x'.repeat(10_000) });
  });

  it('reads on only as its reader does, and still ends whole', async () => {
    const { reply, pages } = await startExport();
    const whileWaiting = await settled(pages);
    const file = await buffer(reply);
    expect(reply.complete).toBe(true);
    expect(file.toString('latin1').match(/\r\n/g)).toHaveLength(1 + 1 + COUNT);
    expect(pages()).toBe(21);
    expect(whileWaiting).toBeLessThan(11);
  });

  it('is given up when its reader hangs up', async () => {
    const { reply, pages } = await startExport();
    reply.destroy();
    expect(await settled(pages)).toBeLessThan(11);
    await watched.member.get('/responses').expect(200);
  });

  it('that fails half-way is cut off, so that half a file does not look whole', async () => {
    const sql = asOwner(database);
    const { reply } = await startExport();
    await sql('alter table response rename column comments to gone');
    try {
      await expect(buffer(reply)).rejects.toThrow('aborted');
      expect(reply.complete).toBe(false);
      const { headers } = await watched.member.get('/responses.csv').expect(500);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['content-disposition']).toBeUndefined();
    } finally {
      await sql('alter table response rename column gone to comments');
    }
  });
});

function ownId(): number {
  return watched.organisation.id;
}

async function answered(
  ticket: Parameters<typeof buildInvitation>[2] = {},
  answers: Parameters<typeof answer>[3] = {},
) {
  const invitation = await buildInvitation(web, watched.survey, ticket);
  await answer(web, watched.survey, invitation, answers);
  return { invitation };
}

/** Read by somebody else's reader of CSV. */
async function exported(query = ''): Promise<Record<string, string>[]> {
  const { text } = await watched.member.get(`/responses.csv${query}`).expect(200);
  return parse(text, { bom: true, columns: true, record_delimiter: '\r\n' });
}

/** The head of an export, whose body waits until somebody reads it; `pages` counts those that the application read. */
async function startExport(): Promise<{ reply: IncomingMessage; pages: () => number }> {
  const { headers } = await watched.member.get('/dashboard').expect(200);
  const query = jest.spyOn(web.pool, 'query');
  const sent = httpRequest(`${web.url}/responses.csv`, {
    headers: { Cookie: headers['set-cookie']![0]!.split(';')[0] },
  });
  sent.end();
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  expect(reply.statusCode).toBe(200);
  return { reply, pages: () => query.mock.calls.filter(([text]) => text.includes('survey_description')).length };
}

/** Waits until the number stays what it is. */
function settled(count: () => number): Promise<number> {
  let before = -1;
  return eventually(async () => {
    await sleep(300);
    const isSettled = count() === before;
    before = count();
    return isSettled && before;
  });
}
