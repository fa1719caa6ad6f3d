import supertest from 'supertest';
import { createApiKey } from '../../src/accounts/create-api-key.js';
import { ApiDescription } from '../../src/api-description/api-description.js';
import type { OpenApiDocument, Operation } from '../../src/api-description/openapi.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { answeredSoFar } from '../support/api-answers.js';
import { ApiContract } from '../support/api-contract.js';
import { attempted, holding, newDelivery, switchWebhook, underWay } from '../support/deliveries.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receivers.js';
import { otherTypes, valuesOf } from '../support/schema-values.js';
import { useWeb, type TestWeb } from '../support/web.js';

/** As the examples of the description have it. */
const SURVEY_CODE = '4f1dc2ab60e7';
const POSTS = '/api/v1/integration-preferences';

interface Described {
  method: string;
  path: string;
  operation: Operation;
}

let web: TestWeb;
let receiver: Receiver;
let demo: TestOrganisation;
let key: string;
let webhookId: string;
let bulkId: number;
let document: OpenApiDocument;

useWeb((started) => {
  web = started;
});
beforeAll(async () => {
  document = web.app.get(ApiDescription).document;
  receiver = await startReceiver();
  demo = await buildOrganisation(web, receiver.url('/hook'));
  await web.pool.query('update survey set code = $2 where id = $1', [demo.survey.id, SURVEY_CODE]);
  key = await createApiKey(web.orm.em.fork(), demo.organisation.id, 'test');
  const delivery = await newDelivery(web, demo);
  webhookId = webhookIdOf(delivery);
  await attempted(web, delivery, 1);
  bulkId = await startedBulk(key, webhookId);
});
afterAll(() => receiver?.close());

function operations(): Described[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  );
}

function withKey(method: string, path: string, shownKey: string | null = key): supertest.Test {
  const request = supertest(web.url)[method as 'get'](path);
  return shownKey === null ? request : request.set('Authorization', `Bearer ${shownKey}`);
}

function addressOf(path: string): string {
  return path
    .replace('{webhookId}', webhookId)
    .replace('{listeningPost}', 'transactional')
    .replace('{id}', String(bulkId));
}

/** The code of the refusal, or its status alone. */
async function refusal(request: supertest.Test): Promise<string> {
  const { status, body } = await request;
  return `${status} ${(body as { code?: string }).code}`;
}

describe('every operation', () => {
  test('that needs a key wants one that is known', async () => {
    for (const { method, path, operation } of operations().filter(({ operation: { security } }) => !security)) {
      const address = addressOf(path);
      expect([operation.operationId, await refusal(withKey(method, address, null))]).toEqual([
        operation.operationId,
        '401 missing_api_key',
      ]);
      expect(await refusal(withKey(method, address, 'abk_nobody'))).toBe('401 invalid_api_key');
    }
  });

  test('refuses what it cannot read', async () => {
    for (const { method, path } of operations()) {
      const address = addressOf(path);
      const json = () => withKey(method, address).set('Content-Type', 'application/json');
      expect(await refusal(withKey(method, `${address}?a=%zz`))).toBe('400 malformed_address');
      expect(await refusal(json().send('{'))).toBe('400 invalid_json');
      expect(await refusal(json().set('Content-Encoding', 'gzip').send('{}'))).toBe('400 bad_request');
      expect(await refusal(json().send(`{"a":"${'x'.repeat(1_100_000)}"}`))).toBe('413 too_large');
      const inText = withKey(method, address).set('Content-Type', 'text/plain').send('{}');
      expect(await refusal(inText)).toBe('415 unsupported_media_type');
      const inKlingon = withKey(method, address).set('Content-Type', 'application/json; charset=klingon').send('{}');
      expect(await refusal(inKlingon)).toBe('415 unsupported_charset');
      expect(await refusal(json().set('Content-Encoding', 'knots').send('{}'))).toBe('415 unsupported_encoding');
    }
  });

  test('refuses a parameter that it does not describe', async () => {
    for (const { method, path } of operations().filter(answersJson)) {
      expect(await refusal(withKey(method, `${addressOf(path)}?verbose=1`))).toBe('422 unknown_field');
    }
  });

  test('refuses a body that is a list, and fields that it does not describe', async () => {
    for (const { method, path } of operations().filter((described) => described.method !== 'get')) {
      expect(await refusal(withKey(method, addressOf(path)).send([]))).toBe('422 invalid_field');
      const { status, body } = await withKey(method, addressOf(path)).send({ verbose: true });
      expect({ status, field: fieldsOf(body).includes('verbose') }).toEqual({ status: 422, field: true });
    }
  });
});

describe('what is described of a parameter', () => {
  test('is what is accepted, up to its limits and not beyond', async () => {
    const found: string[] = [];
    for (const { path, operation } of operations()) {
      for (const { name, schema } of (operation.parameters ?? []).filter((parameter) => parameter.in === 'query')) {
        for (const [value, taken] of valuesOf(schema)) {
          const { status } = await withKey('get', addressOf(path)).query({ [name]: String(value) });
          if (status !== (taken ? 200 : 422))
            found.push(`${operation.operationId} ${name}=${String(value)}: ${status}`);
        }
      }
    }
    expect(found).toEqual([]);
  });
});

describe('what is described of a body', () => {
  test('is what is accepted, up to its limits and not beyond', async () => {
    const found: string[] = [];
    for (const { method, path, operation } of operations().filter((described) => described.operation.requestBody)) {
      const { schema, examples } = operation.requestBody!.content['application/json']!;
      const example = Object.values(examples!)[0]!.value as Record<string, unknown>;
      for (const [name, property] of Object.entries(schema.properties!)) {
        const left: [unknown, boolean] = [undefined, !schema.required?.includes(name)];
        for (const [value, taken] of [left, ...valuesOf(property), ...otherTypes(property)]) {
          if (isAboutSomethingElse(name, value, example)) continue;
          const change = { ...example, ...settled(example, value === undefined ? '' : name), [name]: value };
          const { status, body } = await withKey(method, addressOf(path)).send(change);
          const isBlamed = fieldsOf(body).some((field) => field === name || field.startsWith(`${name}.`));
          const isTaken = status < 300 || !isBlamed;
          if (isTaken !== taken) found.push(`${operation.operationId} ${name}=${JSON.stringify(value)}: ${status}`);
        }
      }
    }
    expect(found).toEqual([]);
  });
});

describe('the successes and refusals that are described', () => {
  test('of lists and of what is shown', async () => {
    for (const { path, operation } of operations().filter(({ method }) => method === 'get')) {
      const { status } = await withKey('get', addressOf(path));
      expect([operation.operationId, status]).toEqual([operation.operationId, 200]);
    }
    await withKey('get', '/api/v1/deliveries?limit=1').expect(200);
    await withKey('get', '/api/v1/deliveries/0000000000000').expect(404);
    await withKey('get', `${POSTS}/other`).expect(404);
    expect(await refusal(withKey('get', '/api/v1/responses?limit=0'))).toBe('422 invalid_field');
    expect(await refusal(withKey('get', '/api/v1/deliveries?limit=0'))).toBe('422 invalid_field');
  });

  test('of invitations', async () => {
    const ticket = { ticketId: 'INC-of-operations', supportGroupCode: 'SDESK' };
    await withKey('post', '/api/v1/invitations').send(ticket).expect(201);
    await withKey('post', '/api/v1/invitations').send(ticket).expect(200);
  });

  test('of the preferences and their tests', async () => {
    await withKey('put', `${POSTS}/relationship`).send({}).expect(200);
    await withKey('put', `${POSTS}/other`).send({}).expect(404);
    await withKey('post', `${POSTS}/other/test-deliveries`).expect(404);
    await withKey('put', `${POSTS}/relationship`).send({ url: 'https://no-such-host.invalid/' }).expect(200);
    await withKey('put', `${POSTS}/relationship`).send({ enabled: false, url: null }).expect(200);
    expect(await refusal(withKey('post', `${POSTS}/relationship/test-deliveries`))).toBe('409 no_url');
    await withKey('put', `${POSTS}/relationship`)
      .send({ url: receiver.url('/test') })
      .expect(200);
    await withKey('post', `${POSTS}/relationship/test-deliveries`).expect(202);
    await web.pool.query(`update organisation set plan = 'basic' where id = $1`, [demo.organisation.id]);
    await withKey('put', `${POSTS}/relationship`).send({}).expect(403);
    await withKey('post', `${POSTS}/relationship/test-deliveries`).expect(403);
    await web.pool.query(`update organisation set plan = 'enterprise' where id = $1`, [demo.organisation.id]);
  });

  test('of redeliveries', async () => {
    const watched = await buildOrganisation(web, receiver.url('/redelivered'));
    const ownKey = await createApiKey(web.orm.em.fork(), watched.organisation.id, 'test');
    const held = holding(200);
    receiver.answer = held.answer;
    const id = await newDelivery(web, watched);
    await underWay(web, id);
    const redelivery = `/api/v1/deliveries/${webhookIdOf(id)}/redelivery`;
    expect(await refusal(withKey('post', redelivery, ownKey))).toBe('409 call_under_way');
    held.letGo();
    receiver.answer = 200;
    await attempted(web, id, 1);
    await switchWebhook(web, watched.webhook.id, false);
    expect(await refusal(withKey('post', redelivery, ownKey))).toBe('409 webhook_off');
    await switchWebhook(web, watched.webhook.id, true);
    await withKey('post', redelivery, ownKey).expect(202);
    await withKey('post', '/api/v1/deliveries/0000000000000/redelivery').expect(404);
  });

  test('of bulk redeliveries', async () => {
    const watched = await buildOrganisation(web, receiver.url('/many'));
    const ownKey = await createApiKey(web.orm.em.fork(), watched.organisation.id, 'test');
    const ids = [await newDelivery(web, watched), await newDelivery(web, watched)];
    for (const id of ids) await attempted(web, id, 1);
    const start = (body: object) => withKey('post', '/api/v1/redeliveries', ownKey).send(body);
    expect(await refusal(start({ kind: 'failed' }))).toBe('409 nothing_found');
    await start({ kind: 'failed', dryRun: true }).expect(200);
    const id = await startedBulk(ownKey, ...ids.map(webhookIdOf));
    const another = start({ kind: 'selection', webhookIds: [webhookIdOf(ids[0]!)] });
    expect(await refusal(another)).toBe('409 bulk_redelivery_running');
    await withKey('post', `/api/v1/redeliveries/${id}/cancellation`, ownKey).expect(200);
    expect(await refusal(withKey('post', '/api/v1/redeliveries/999999999/cancellation'))).toBe('404 not_found');
    expect(await refusal(withKey('get', '/api/v1/redeliveries/999999999'))).toBe('404 not_found');
    await switchWebhook(web, watched.webhook.id, false);
    expect(await refusal(start({ kind: 'missed', listeningPost: 'transactional' }))).toBe('409 webhook_off');
  });
});

test('every success and every refusal that is described was answered here', () => {
  const contract = new ApiContract(document);
  const expected = operations().flatMap(({ operation }) =>
    Object.keys(operation.responses)
      // A broken database and our own faults: test/web/errors.spec.ts.
      .filter((status) => !['500', '503'].includes(status))
      // What is wrong before there is a request to route: test/web/hostile-connections.spec.ts.
      .filter((status) => !['408', '417', '431'].includes(status))
      .flatMap((status) => answersOf(operation, status, contract))
      .filter((answer) => !answer.endsWith(' malformed_request')),
  );
  expect(expected.filter((answer) => !answeredSoFar().has(answer))).toEqual([]);
});

function answersOf(operation: Operation, status: string, contract: ApiContract): string[] {
  const codes = Object.keys(contract.answerOf(operation, status)!.content?.['application/json']?.examples ?? {});
  return Number(status) < 400
    ? [`${operation.operationId} ${status}`]
    : codes.map((code) => `${operation.operationId} ${status} ${code}`);
}

function answersJson({ operation }: Described): boolean {
  return Object.values(operation.responses).some(
    (answer) => 'content' in answer && answer.content?.['application/json'],
  );
}

/** Every field that a refusal names. */
function fieldsOf(body: unknown): string[] {
  const { field, fields = [] } = body as { field?: string; fields?: { field: string }[] };
  return [...(field ? [field] : []), ...fields.map((one) => one.field)];
}

/** A webhook that is on needs a URL, and the example's is looked up in DNS; single deliveries are for a selection. */
function settled(example: object, name: string): object {
  if (name === 'webhookIds') {
    return { kind: 'selection', from: undefined, to: undefined };
  }
  return 'enabled' in example ? { enabled: false, url: receiver.url('/hook') } : {};
}

async function startedBulk(shownKey: string, ...webhookIds: string[]): Promise<number> {
  const selection = { kind: 'selection', webhookIds, perSecond: 1 };
  const { body } = await withKey('post', '/api/v1/redeliveries', shownKey).send(selection).expect(202);
  return (body as { redelivery: { id: number } }).redelivery.id;
}

/** A code as long as may be is one that no survey has. */
function isAboutSomethingElse(name: string, value: unknown, example: object): boolean {
  return name === 'survey' && String(value).length === 255 && 'ticketId' in example;
}
