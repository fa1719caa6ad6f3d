import { createApiKey } from '../../src/accounts/create-api-key.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { Api } from '../support/log-journey.js';
import { type TestWeb, useWeb, Visitor } from '../support/web.js';

let web: TestWeb;
let demo: TestOrganisation;
let api: Api;

useWeb((started) => {
  web = started;
});
beforeEach(async () => {
  demo = await buildOrganisation(web, null);
  api = await apiOf(demo);
});

interface Listed {
  responses: { responseId: number; ticketId: string }[];
  nextCursor: string | null;
}

describe('GET /api/v1/responses', () => {
  it('tells everything about a response', async () => {
    await answered(
      {
        ticketId: 'INC1',
        customerName: 'Carole Customer',
        customerEmail: 'carole@example.com',
        segment2Code: 'FIN',
      },
      { overall: 0, factors: ['Speed'], comments: 'Too slow' },
    );
    const { body } = await api.get('/responses').expect(200);
    expect(body).toEqual({
      responses: [
        {
          responseId: expect.any(Number),
          listeningPost: 'transactional',
          ticketId: 'INC1',
          supportGroupCode: 'SDESK',
          agentId: 'adam.agent',
          customer: 'carole.customer',
          customerName: 'Carole Customer',
          customerEmail: 'carole@example.com',
          segmentCode: 'NZ',
          segment2Code: 'FIN',
          overall: 0,
          band: 'detractor',
          factors: ['Speed'],
          comments: 'Too slow',
          surveyDescription: 'Survey for DemoCorp',
          language: 'en',
          completedAt: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        },
      ],
      nextCursor: null,
    });
  });

  it('goes page by page from the newest to the oldest', async () => {
    for (const ticketId of ['INC1', 'INC2', 'INC3', 'INC4', 'INC5']) {
      await answered({ ticketId });
    }
    const first = await listed('limit=2');
    expect(ticketsOf(first)).toEqual(['INC5', 'INC4']);
    expect(first.nextCursor).toBe(String(first.responses[1]!.responseId));
    const second = await listed(`limit=2&cursor=${first.nextCursor}`);
    expect(ticketsOf(second)).toEqual(['INC3', 'INC2']);
    const third = await listed(`limit=2&cursor=${second.nextCursor}`);
    expect(ticketsOf(third)).toEqual(['INC1']);
    expect(third.nextCursor).toBeNull();
    const three = await listed('limit=3');
    expect(three.nextCursor).toBe(String(three.responses[2]!.responseId));
    // Exactly full, and nothing behind it.
    expect((await listed('limit=5')).nextCursor).toBeNull();
  });

  it('narrows to exactly what is asked for', async () => {
    await answered({ ticketId: 'INC1', agentId: 'bella', customerId: 'dan' });
    await answered({ ticketId: 'INC2', supportGroupCode: 'LEGACY' });
    await web.pool.query(`update response set completed_at = $2 where organisation_id = $1 and ticket_id = 'INC1'`, [
      demo.organisation.id,
      '2026-01-31T12:00:00Z',
    ]);
    const narrowed: [string, string[]][] = [
      ['ticketId=INC1', ['INC1']],
      ['ticketId=inc1', []],
      ['supportGroupCode=LEGACY', ['INC2']],
      ['agentId=bella', ['INC1']],
      ['customer=dan', ['INC1']],
      ['customer=carole.customer', ['INC2']],
      ['listeningPost=transactional', ['INC2', 'INC1']],
      ['listeningPost=relationship', []],
      ['completedFrom=2026-01-31T12:00:00Z', ['INC2', 'INC1']],
      ['completedFrom=2026-01-31T12:00:00.001Z', ['INC2']],
      ['completedTo=2026-01-31T12:00:00.001Z', ['INC1']],
      ['completedTo=2026-01-31T12:00:00Z', []],
      ['completedFrom=2026-01-31T12:00:00Z&completedTo=2026-02-01T00:00:00Z', ['INC1']],
      ['agentId=bella&customer=carole.customer', []],
    ];
    for (const [query, tickets] of narrowed) {
      expect([query, ticketsOf(await listed(query))]).toEqual([query, tickets]);
    }
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['cursor=abc', 'cursor'],
    ['cursor=-1', 'cursor'],
    ['cursor=1x', 'cursor'],
    ['cursor=1234567890123456', 'cursor'],
    ['listeningPost=other', 'listeningPost'],
    ['completedFrom=yesterday', 'completedFrom'],
    ['completedTo=2026-13-01T00:00:00Z', 'completedTo'],
  ])('refuses %s, and names the parameter', async (query, field) => {
    const { body } = await api.get(`/responses?${query}`).expect(422);
    expect(body).toMatchObject({ code: 'invalid_field', field });
  });

  it('refuses a text of more than 255 characters', async () => {
    await api.get(`/responses?ticketId=${'x'.repeat(255)}`).expect(200);
    const { body } = await api.get(`/responses?ticketId=${'x'.repeat(256)}`).expect(422);
    expect(body).toMatchObject({ code: 'invalid_field', field: 'ticketId' });
  });

  it('refuses a parameter that it does not know', async () => {
    const { body } = await api.get('/responses?ticket=INC1').expect(422);
    expect(body).toMatchObject({ code: 'unknown_field', field: 'ticket' });
  });

  it('shows nothing of another organisation, and nothing without a key', async () => {
    await answered();
    const other = await apiOf(await buildOrganisation(web, null));
    expect((await other.get('/responses').expect(200)).body).toEqual({ responses: [], nextCursor: null });
    expect((await fetch(`${web.url}/api/v1/responses`)).status).toBe(401);
  });
});

async function answered(
  ticket: Parameters<typeof buildInvitation>[2] = {},
  answers: Parameters<typeof answer>[3] = {},
): Promise<void> {
  const invitation = await buildInvitation(web, demo.survey, ticket);
  await answer(web, demo.survey, invitation, answers);
}

async function apiOf({ organisation }: TestOrganisation): Promise<Api> {
  return new Api(new Visitor(web), await createApiKey(web.orm.em.fork(), organisation.id, 'test'));
}

async function listed(query: string): Promise<Listed> {
  return (await api.get(`/responses?${query}`).expect(200)).body as Listed;
}

function ticketsOf({ responses }: Listed): string[] {
  return responses.map(({ ticketId }) => ticketId);
}
