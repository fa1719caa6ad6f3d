import { ApiDescription } from '../../src/api-description/api-description.js';
import type { OpenApiDocument, Operation } from '../../src/api-description/openapi.js';
import { webhookViews } from '../../src/api-description/webhook-views.js';
import { surveySerialisations } from '../../src/webhooks/survey-webhook.js';
import { ApiContract } from '../support/api-contract.js';
import { newDelivery } from '../support/deliveries.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { changeWebhook, giveCredentials, sentTest } from '../support/log-journey.js';
import { startReceiver, type ReceivedRequest, type Receiver } from '../support/receivers.js';
import { useWeb, type TestWeb } from '../support/web.js';

/** What HTTP itself needs. */
const TRANSPORT = ['host', 'connection', 'content-length'];

let web: TestWeb;
let document: OpenApiDocument;
let contract: ApiContract;
let receiver: Receiver;
let demo: TestOrganisation;
let operation: Operation;

useWeb((started) => {
  web = started;
});
beforeEach(async () => {
  ({ document } = web.app.get(ApiDescription));
  contract = new ApiContract(document);
  operation = document.webhooks.transactionalSurvey!.post!;
  receiver = await startReceiver();
  demo = await buildOrganisation(web, receiver.url('/hook'));
});
afterEach(() => receiver.close());

async function received(): Promise<ReceivedRequest> {
  const [request] = await receiver.received(1);
  return request!;
}

function bodyErrors({ body }: ReceivedRequest): string[] {
  return contract.errors(operation.requestBody!.content['application/json']!.schema, JSON.parse(body.toString()));
}

describe('the description of the survey webhook, for receivers', () => {
  test('names the headers that come, and no other', async () => {
    await giveCredentials(web, demo, 'answerback', 'secret');
    await newDelivery(web, demo);
    const { headers } = await received();
    const described = webhookViews(document)[0]!.headers.map(({ name }) => name.toLowerCase());
    expect(described.toSorted()).toEqual(
      Object.keys(headers)
        .filter((name) => !TRANSPORT.includes(name))
        .toSorted(),
    );
    for (const { name, schema } of operation.parameters!) {
      expect([name, contract.errors(schema, headers[name.toLowerCase()])]).toEqual([name, []]);
    }
    const [contentType] = webhookViews(document)[0]!.headers;
    expect(contentType!.values).toEqual([JSON.stringify(headers['content-type'])]);
  });

  test.each([
    ['as it is', surveySerialisations.plain],
    ['in the ServiceNow wrapper', surveySerialisations.serviceNow],
  ])('says what comes, %s', async (_how, name) => {
    await changeWebhook(web, demo, { request: { ...demo.webhook.request, body: { kind: 'serialisation', name } } });
    await newDelivery(web, demo, { comments: 'First\r\nsecond', overall: 10, factors: ['Speed'] });
    expect(bodyErrors(await received())).toEqual([]);
  });

  test('says what a test sends', async () => {
    await sentTest(web, demo.webhook);
    const request = await received();
    expect(bodyErrors(request)).toEqual([]);
    const example = operation.requestBody!.content['application/json']!.examples!.test!.value as object;
    expect({ ...JSON.parse(request.body.toString()), Webhook_ID: 'a65768befa38a' }).toEqual(example);
  });

  test('has every key of the payload in the order in which they come', async () => {
    await newDelivery(web, demo);
    const keys = Object.keys(JSON.parse((await received()).body.toString()));
    const { properties, required } = document.components.schemas.SurveyPayload!;
    expect(Object.keys(properties!)).toEqual(keys);
    expect(required).toEqual(keys);
    expect(Object.values(properties!).map(({ type }) => type)).toEqual(keys.map(() => 'string'));
  });

  test('refuses what is missing, what is more and what is no string', () => {
    const { schema, examples } = operation.requestBody!.content['application/json']!;
    const { Comments: _, ...without } = examples!.answer!.value as Record<string, string>;
    for (const wrong of [without, { ...without, Comments: 7 }, { ...without, Comments: '', more: '' }]) {
      expect(contract.errors(schema, wrong)).not.toEqual([]);
    }
  });

  test('tells the success and the schedule', () => {
    expect(Object.keys(operation.responses)).toEqual(['200', 'default']);
    expect(JSON.stringify(operation.responses.default)).toContain(
      'tried 5 times in all: at once, then 5, 10, 20 and 40 minutes after',
    );
    expect(JSON.stringify(operation.responses.default)).toContain('within 15 seconds');
  });
});
