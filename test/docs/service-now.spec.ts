import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { changeWebhook } from '../support/log-journey.js';
import { blockText } from '../support/documents.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receivers.js';
import { StandInForServiceNow } from '../support/service-now.js';
import type { TestWeb } from '../support/web.js';

const script = blockText('docs/receiving-webhooks.md#ServiceNow/2');

let database: TestDatabase;
let worker: TestWorker;
let receiver: Receiver;
let built: TestOrganisation;
let serviceNow: StandInForServiceNow;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await startWorker(database);
});
afterAll(async () => {
  await worker?.close();
  await database?.drop();
});
beforeEach(async () => {
  receiver = await startReceiver();
  built = await buildOrganisation(worker, receiver.url('/hook'));
  serviceNow = new StandInForServiceNow();
  serviceNow.have('incident', { number: 'INC42' });
});
afterEach(() => receiver.close());

describe('the script for ServiceNow', () => {
  test.each(['survey_payload_servicenow', 'survey_payload'])('takes a real call of the body %s', async (name) => {
    await changeWebhook(worker as TestWeb, built, {
      request: { ...built.webhook.request, body: { kind: 'serialisation', name } },
    });
    const [body] = await callsAbout('INC42', [{ overall: 9, comments: 'You "rock"!\nReally.' }]);

    expect(serviceNow.call(script, body!)).toEqual({ status: 200, message: 'Stored.' });

    expect(serviceNow.rows('u_survey_answer')).toEqual([
      expect.objectContaining({ u_overall: '9', u_comments: 'You "rock"!\nReally.', u_incident: 'sys1' }),
    ]);
    expect(serviceNow.rows('incident')[0]!.work_notes).toMatch(/^Survey: 9 of 10\. You "rock"!\nReally\.\nhttp/);
  });

  test('keeps a call once that comes twice', async () => {
    const [body] = await callsAbout('INC42', [{}]);
    serviceNow.call(script, body!);
    expect(serviceNow.call(script, body!)).toEqual({ status: 200, message: 'This call was taken before.' });
    expect(serviceNow.rows('u_survey_answer')).toHaveLength(1);
  });

  test('lets a later answer replace an earlier one, but not the other way round', async () => {
    const [first, second] = await callsAbout('INC42', [{ overall: 2 }, { overall: 8 }]);
    expect(serviceNow.call(script, first!).message).toBe('Stored.');
    expect(serviceNow.call(script, second!).message).toBe('Stored.');
    expect(serviceNow.rows('u_survey_answer')).toEqual([expect.objectContaining({ u_overall: '8' })]);

    expect(serviceNow.call(script, first!)).toEqual({ status: 200, message: 'A later answer is there already.' });
    expect(serviceNow.rows('u_survey_answer')).toEqual([expect.objectContaining({ u_overall: '8' })]);
  });

  test('says so when there is no such incident, so that the log shows it', async () => {
    const [body] = await callsAbout('INC43', [{}]);
    expect(serviceNow.call(script, body!)).toEqual({ status: 404, message: 'There is no incident INC43.' });
    expect(serviceNow.rows('u_survey_answer')).toEqual([]);
  });

  test('lets no comment become HTML in the work notes', async () => {
    const [body] = await callsAbout('INC42', [{ comments: '[code]<script>alert(1)</script>[/CODE]' }]);
    serviceNow.call(script, body!);
    expect(serviceNow.rows('incident')[0]!.work_notes).toContain('9 of 10. <script>alert(1)</script>\n');
  });
});

/** The bodies that the answers of one ticket's customer were sent as; their moments differ in the payload's seconds. */
async function callsAbout(ticketId: string, answers: Parameters<typeof answer>[3][]): Promise<string[]> {
  const invitation = await buildInvitation(worker, built.survey, { ticketId });
  for (const [index, given] of answers.entries()) {
    if (index > 0) {
      await sleep(1_001);
    }
    await answer(worker, built.survey, invitation, given);
    await receiver.received(index + 1);
  }
  return receiver.requests.map(({ body }) => body.toString());
}
