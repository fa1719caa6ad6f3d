import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receivers.js';

let database: TestDatabase;
let worker: TestWorker;
let receiver: Receiver;
let organisation: TestOrganisation;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await startWorker(database, { BASE_URL: 'https://answerback.example.com/' });
});
afterAll(async () => {
  await worker?.close();
  await database?.drop();
});
beforeEach(async () => {
  receiver = await startReceiver();
  organisation = await buildOrganisation(worker, receiver.url('/hook'));
});
afterEach(() => receiver.close());

describe('what the receiver gets', () => {
  it('is the published sample, byte for byte, when the published survey is answered', async () => {
    const body = await bodyOf({ ticketId: 'INC123456' }, {});

    const { id, completed, delivery } = await latest();
    expect(body).toBe(
      `{"Webhook_ID":"${delivery}","Response_ID":"${id}","Response_Datetime_UTC":"${completed}",` +
        '"Ticket_ID":"INC123456","Support_Group_Code":"SDESK","Support_Group_Name":"Service Desk",' +
        '"Agent_ID":"adam.agent","Segment_Code":"NZ","Segment_Name":"New Zealand","Segment_2_Code":"NONE",' +
        '"Segment_2_Name":"No Segment","Customer":"carole.customer","Responsiveness":"1","Interpersonal":"0",' +
        '"Knowledge":"0","Communication":"0","Speed":"0","Confirmation":"0","Effort":"0","Other":"0","Overall":"9",' +
        `"Comments":"You guys rock!","SR_Notes_URL":"https://answerback.example.com/service-recovery-notes?id=${id}",` +
        '"Survey_Description":"Survey for DemoCorp","Survey_Language":"English"}',
    );
  });

  it('keeps codes that match nothing, with empty names, and says where there is no segment', async () => {
    const body = await bodyOf({ supportGroupCode: 'sdesk', segmentCode: '', segment2Code: 'XX' }, {});

    expect(body).toContain(
      '"Support_Group_Code":"sdesk","Support_Group_Name":"","Agent_ID":"adam.agent","Segment_Code":"NONE",' +
        '"Segment_Name":"No Segment","Segment_2_Code":"XX","Segment_2_Name":""',
    );
  });

  it('names both segments, and knows no other organisation’s codes', async () => {
    const other = await buildOrganisation(worker, null);
    await worker.pool.query(`insert into segment (organisation_id, code, name) values ($1, 'AU', 'Theirs')`, [
      other.organisation.id,
    ]);

    const body = await bodyOf({ segmentCode: 'AU', segment2Code: 'NZ' }, {});

    expect(body).toContain(
      '"Segment_Code":"AU","Segment_Name":"","Segment_2_Code":"NZ","Segment_2_Name":"New Zealand"',
    );
  });

  it('carries a score of 0, and comments of every kind, through database and network', async () => {
    const body = await bodyOf(
      { language: 'de' },
      { overall: 0, factors: ['Speed', 'Other'], comments: 'a\r\nb\u2028c "q" \\ <b>&amp;</b> 🎉 שלום' },
    );

    expect(body).toContain(
      '"Responsiveness":"0","Interpersonal":"0","Knowledge":"0","Communication":"0","Speed":"-1","Confirmation":"0",' +
        '"Effort":"0","Other":"-1","Overall":"0",' +
        String.raw`"Comments":"a\nb\nc \"q\" \\ <b>&amp;</b> 🎉 שלום","SR_Notes_URL"`,
    );
    expect(body).toMatch(/"Survey_Language":"German"\}$/);
  });
});

async function bodyOf(
  ticket: Parameters<typeof buildInvitation>[2],
  answers: Parameters<typeof answer>[3],
): Promise<string> {
  const invitation = await buildInvitation(worker, organisation.survey, ticket);
  await answer(worker, organisation.survey, invitation, answers);
  await receiver.received(1);
  return receiver.requests[0]!.body.toString();
}

/** What cannot be known before: read from the database, not from what was sent. */
async function latest(): Promise<{ id: number; completed: string; delivery: string }> {
  const { rows } = await worker.pool.query<{ id: number; completed: string; delivery: number }>(
    `select response.id, to_char(completed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as completed,
            delivery.id as delivery
       from response join delivery on delivery.record_id = response.id where delivery.organisation_id = $1`,
    [organisation.organisation.id],
  );
  return { ...rows[0]!, delivery: webhookIdOf(rows[0]!.delivery) };
}
