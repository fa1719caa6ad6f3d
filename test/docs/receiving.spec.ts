import { readEnvironment } from '../../src/config/environment.js';
import { RecordCatalogue } from '../../src/records/record-catalogue.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { changeWebhook, giveCredentials } from '../support/log-journey.js';
import { newDelivery } from '../support/deliveries.js';
import { blockText, read, sectionOf, tableUnder } from '../support/documents.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { startReceiver, type ReceivedRequest, type Receiver } from '../support/receivers.js';
import type { TestWeb } from '../support/web.js';

const PAGE = 'docs/receiving-webhooks.md';

let database: TestDatabase;
let worker: TestWorker;
let receiver: Receiver;
let built: TestOrganisation;
let request: ReceivedRequest;
let payload: Record<string, string>;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await startWorker(database, { BASE_URL: 'https://answers.example.com' });
  receiver = await startReceiver();
  built = await buildOrganisation(worker, receiver.url('/hook'));
  await giveCredentials(worker as TestWeb, built, 'answerback', 'opensesame');
  await newDelivery(worker, built);
  request = (await receiver.received(1))[0]!;
  payload = JSON.parse(request.body.toString()) as Record<string, string>;
});
afterAll(async () => {
  await receiver?.close();
  await worker?.close();
  await database?.drop();
});

test('the table of the payload names every key, in the order in which they are sent', () => {
  expect(tableUnder(PAGE, 'The request').map(([key]) => key)).toEqual(Object.keys(payload));
});

test('the example is a payload: the same keys in the same order, and the same answer', () => {
  const example = JSON.parse(blockText('docs/receiving-webhooks.md#The request/1')) as Record<string, string>;
  expect(Object.keys(example)).toEqual(Object.keys(payload));

  const { Webhook_ID, Response_ID, Response_Datetime_UTC, Ticket_ID, SR_Notes_URL, ...answer } = payload;
  expect(example).toMatchObject(answer);
  expect(SR_Notes_URL).toBe(example.SR_Notes_URL!.replace('3690', Response_ID!));
  expect(example).toMatchObject({ Webhook_ID: expect.stringMatching(/^[0-9a-f]{13}$/), Ticket_ID: 'INC123456' });
  expect(Webhook_ID).toMatch(/^[0-9a-f]{13}$/);
  expect(Response_Datetime_UTC).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  expect(Ticket_ID).toMatch(/^INC/);
});

test('the table of the headers names each header of a call, and says what is in it', () => {
  const table = tableUnder(PAGE, 'The request', 2);
  const sent = Object.keys(request.headers);
  expect(table.map(([name]) => name!.toLowerCase()).toSorted()).toEqual(sent.toSorted());

  const value = Object.fromEntries(table.map(([name, words]) => [name!.toLowerCase(), words]));
  expect(request.headers['content-type']).toBe(value['content-type']);
  expect(request.headers.connection).toBe(value.connection);
  expect(request.headers['user-agent']).toMatch(/^Answerback\//);
  expect(request.headers['webhook-id']).toBe(payload.Webhook_ID);
});

test('the schedule is the one that holds unless somebody sets another', () => {
  const ordinals = ['first', 'second', 'third', 'fourth'];
  const waits = readEnvironment({}).surveyRetryWaits.map(
    (seconds, index) => `${seconds / 60} minutes after the ${ordinals[index]} failed`,
  );
  expect(tableUnder(PAGE, 'Retries').map(([, when]) => when)).toEqual(['at once', ...waits]);
});

test('the deadline, the code of success and the limit of calls are those of the survey webhook', async () => {
  const { webhook } = built;
  const answering = sectionOf(PAGE, 'Answering');
  expect(webhook.policy).toMatchObject({ success: 'exactly_200', timeoutSeconds: 15, retry: { kind: 'survey_waits' } });
  expect(webhook.maximumConcurrency).toBe(16);
  expect(answering).toContain(`**${webhook.policy.timeoutSeconds} seconds**`);
  expect(answering).toContain('`200` is success, and nothing else is');
  expect(answering).toContain(`At most ${webhook.maximumConcurrency} calls`);
});

test('the wrapper is the example, around the payload as it is', async () => {
  const example = blockText('docs/receiving-webhooks.md#ServiceNow/1');
  expect(Object.keys(JSON.parse(example) as object)).toEqual(['sysparm_quantity', 'variables']);

  await changeWebhook(worker as TestWeb, built, {
    request: { ...built.webhook.request, body: { kind: 'serialisation', name: 'survey_payload_servicenow' } },
  });
  await newDelivery(worker, built);
  const wrapped = (await receiver.received(2))[1]!.body.toString();
  expect(wrapped).toMatch(/^\{"sysparm_quantity":"1","variables":\{"Webhook_ID":.*\}\}$/s);
  expect(JSON.parse(example)).toMatchObject({ sysparm_quantity: '1' });
});

test('there is one table for each serialisation there is', () => {
  const { serialisations } = worker.context.get(RecordCatalogue).typeOf('response');
  expect(Object.keys(serialisations)).toEqual(['survey_payload', 'survey_payload_servicenow']);
  expect(read(PAGE)).toContain('_ServiceNow wrapper_');
});
