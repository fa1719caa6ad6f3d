import { createHmac } from 'node:crypto';
import { Keyring } from '../../src/config/keyring.js';
import { decryptSecret, encryptSecret } from '../../src/database/encryption.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { passwordLocation, signingSecretLocation } from '../../src/webhooks/secret-locations.js';
import { SigningSecret, Webhook, WebhookAuthorization } from '../../src/webhooks/webhook.entity.js';
import { createTestDatabase, startWorker, type TestDatabase, type TestWorker } from '../support/app.js';
import { attempted, comeDue, deliveryOf, dueOf, logOf, newDelivery, wake } from '../support/deliveries.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { answers, startReceiver, type ReceivedRequest, type Receiver } from '../support/receivers.js';

let database: TestDatabase;
let worker: TestWorker;
let receiver: Receiver;
let organisation: TestOrganisation;

beforeAll(async () => {
  database = await createTestDatabase();
  worker = await startWorker(database);
});
afterAll(async () => {
  await worker?.close();
  await database?.drop();
});
beforeEach(async () => {
  receiver = await startReceiver({ answer: 503 });
  organisation = await buildOrganisation(worker, receiver.url('/hook'));
});
afterEach(() => receiver.close());

describe('a receiver that refuses', () => {
  it('is called five times, 5, 10, 20 and 40 minutes after each failed attempt, and then no more', async () => {
    const id = await newDelivery(worker, organisation);

    for (const [index, wait] of [300, 600, 1200, 2400].entries()) {
      await attempted(worker, id, index + 1);
      expect(await secondsUntilDue(id)).toBeGreaterThan(wait - 20);
      expect(await secondsUntilDue(id)).toBeLessThanOrEqual(wait);
      expect(await deliveryOf(worker, id)).toMatchObject({
        status: 'in_progress',
        automatic_attempts: index + 1,
        last_response_code: 503,
      });
      await comeDue(worker, id);
    }
    await attempted(worker, id, 5);

    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'failed', automatic_attempts: 5, manual_attempts: 0 });
    expect(await dueOf(worker, id)).toEqual([]);
    expect(await logOf(worker, id)).toEqual(['1 rejected', '2 rejected', '3 rejected', '4 rejected', '5 rejected']);
    expect(receiver.requests).toHaveLength(5);
    expect(new Set(receiver.requests.map((request) => request.body.toString())).size).toBe(1);
    expect(new Set(receiver.requests.map((request) => request.headers['webhook-id']))).toEqual(
      new Set([webhookIdOf(id)]),
    );
    expect(JSON.parse(receiver.requests[0]!.body.toString())).toMatchObject({ Webhook_ID: webhookIdOf(id) });
  });

  it('gets no call before its time', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);

    const setAt = performance.now();
    await worker.pool.query(
      `update due_attempt set due_at = clock_timestamp() + interval '500 milliseconds' where delivery_id = $1`,
      [id],
    );
    wake(worker);
    await attempted(worker, id, 2);

    // The database's clock decides; the two may differ by their rounding.
    expect(receiver.requests[1]!.startedAt - setAt).toBeGreaterThan(495);
  });
});

describe('a receiver that asks to be called later', () => {
  it.each([
    ['obeys', true, 900],
    ['does not', false, 300],
  ])('is called when it asks to be, where its webhook %s', async (_what, obeysRetryAfter, wait) => {
    receiver.answer = answers.with(503, '', { 'retry-after': '900' });
    await worker.pool.query('update webhook set policy = policy || $2 where id = $1', [
      organisation.webhook.id,
      { obeysRetryAfter },
    ]);
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    expect(await secondsUntilDue(id)).toBeGreaterThan(wait - 20);
    expect(await secondsUntilDue(id)).toBeLessThanOrEqual(wait);
  });
});

describe('the last activity of a delivery', () => {
  it('is the moment its last attempt began, to the microsecond', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);

    const { rows } = await worker.pool.query(
      'select last_activity_at = started_at as same from delivery join attempt on delivery_id = id where id = $1',
      [id],
    );
    expect(rows).toEqual([{ same: true }]);
  });
});

describe('a later attempt', () => {
  it('goes to the URL that the webhook has now, with the credentials that it has now', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    expect(receiver.requests[0]!.headers.authorization).toBeUndefined();

    await changeWebhook({ url: receiver.url('/moved?to=here') });
    await setCredentials('user', 'first');
    await comeDue(worker, id);
    await attempted(worker, id, 2);
    expect(receiver.requests[1]).toMatchObject({ path: '/moved?to=here' });
    expect(receiver.requests[1]!.headers.authorization).toBe('Basic dXNlcjpmaXJzdA==');

    await setCredentials('user', 'second');
    await comeDue(worker, id);
    await attempted(worker, id, 3);
    expect(receiver.requests[2]!.headers.authorization).toBe('Basic dXNlcjpzZWNvbmQ=');
    expect(receiver.requests[2]!.body).toEqual(receiver.requests[0]!.body);
  });

  it('keeps the wrapper it was first sent in, while a new delivery takes the new one', async () => {
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);

    await changeWebhook({ serialisation: 'survey_payload_servicenow' });
    await comeDue(worker, id);
    await attempted(worker, id, 2);
    expect(receiver.requests[1]!.body).toEqual(receiver.requests[0]!.body);

    const later = await newDelivery(worker, organisation);
    await attempted(worker, later, 1);
    expect(receiver.requests[2]!.body.toString()).toMatch(
      new RegExp(`^\\{"sysparm_quantity":"1","variables":\\{"Webhook_ID":"${webhookIdOf(later)}",.*\\}\\}$`),
    );
  });

  it('tells what the customer said, although the record has changed since', async () => {
    const id = await newDelivery(worker, organisation, { comments: 'as it was' });
    await attempted(worker, id, 1);
    await worker.pool.query(`update response set comments = 'changed' where organisation_id = $1`, [
      organisation.organisation.id,
    ]);

    await comeDue(worker, id);
    await attempted(worker, id, 2);

    expect(JSON.parse(receiver.requests[1]!.body.toString()).Comments).toBe('as it was');
  });
});

describe('the request', () => {
  it('is a POST of JSON from Answerback, with its length', async () => {
    receiver.answer = 200;
    await attempted(worker, await newDelivery(worker, organisation), 1);

    const [request] = receiver.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/hook' });
    expect(request!.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(request!.body.length),
    });
    expect(request!.headers['user-agent']).toMatch(/^Answerback\/\d+\.\d+\.\d+$/);
  });

  it('carries user and password in UTF-8', async () => {
    receiver.answer = 200;
    await setCredentials('käthe', 'Grüße:€🎉');
    await attempted(worker, await newDelivery(worker, organisation), 1);

    expect(receiver.requests[0]!.headers.authorization).toBe('Basic a8OkdGhlOkdyw7zDn2U64oKs8J+OiQ==');
  });

  it('stands in the log with its credentials masked', async () => {
    await setCredentials('user', 'hunter2');
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);

    const { rows } = await worker.pool.query<{ request_headers: string }>(
      'select request_headers from exchange where delivery_id = $1',
      [id],
    );
    expect(rows[0]!.request_headers).toContain('["Authorization","Basic •••"]');
    expect(rows[0]!.request_headers).not.toContain(Buffer.from('user:hunter2').toString('base64'));
  });

  it('leaves no credentials in the log where a receiver sends back what it got', async () => {
    await setCredentials('user', 'hunter2');
    receiver.answer = ({ headers }, response) => void response.writeHead(200).end(`got ${headers.authorization}`);
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);

    const { rows } = await worker.pool.query<{ body: Buffer; last_response: string }>(
      'select body, last_response from reply_body join delivery on delivery.id = delivery_id where delivery_id = $1',
      [id],
    );
    expect(rows[0]!.body.toString()).toBe('got Basic ***');
    expect(rows[0]!.last_response).toBe('got Basic ***');
  });

  it('is signed as Standard Webhooks says, anew for each attempt', async () => {
    const id = await newDelivery(worker, organisation, { comments: 'Signed, with umlauts: äöü 🎉' });
    await attempted(worker, id, 1);
    await comeDue(worker, id);
    await attempted(worker, id, 2);

    const secret = await signingSecret();
    for (const request of receiver.requests) {
      expect(request.headers['webhook-signature']).toBe(`v1,${hmacOf(request, secret)}`);
      expect(Math.abs(Number(request.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
    }
  });

  it('is signed with both secrets while one replaces the other, and with the new one alone afterwards', async () => {
    const older = await signingSecret();
    const newer = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);

    await addSigningSecret(newer);
    await comeDue(worker, id);
    await attempted(worker, id, 2);
    const both = receiver.requests[1]!;
    expect(both.headers['webhook-signature']).toBe(`v1,${hmacOf(both, newer)} v1,${hmacOf(both, older)}`);

    await worker.pool.query(
      `update signing_secret set expires_at = clock_timestamp()
        where id = (select min(id) from signing_secret where webhook_id = $1)`,
      [organisation.webhook.id],
    );
    await comeDue(worker, id);
    await attempted(worker, id, 3);
    const one = receiver.requests[2]!;
    expect(one.headers['webhook-signature']).toBe(`v1,${hmacOf(one, newer)}`);
  });
});

describe('success', () => {
  it.each([201, 202, 204, 302, 400, 401, 404, 410, 429, 500])('is not a %d', async (status) => {
    receiver.answer = answers.with(status, '', status === 302 ? { location: receiver.url('/elsewhere') } : {});
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);

    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'in_progress', last_response_code: status });
    expect(await logOf(worker, id)).toEqual(['1 rejected']);
    expect(receiver.requests).toHaveLength(1);
    // Retry-After, 410 and 429 change nothing in the survey webhook's schedule.
    expect(await secondsUntilDue(id)).toBeGreaterThan(280);
  });

  it('is a 200, after which nothing is due', async () => {
    receiver.answer = answers.inTurn(500, 200);
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);
    await comeDue(worker, id);
    await attempted(worker, id, 2);

    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'succeeded', automatic_attempts: 2 });
    expect(await dueOf(worker, id)).toEqual([]);
    expect(await logOf(worker, id)).toEqual(['1 rejected', '2 succeeded']);
  });

  it('is a 200 whose body breaks off, too', async () => {
    receiver.answer = answers.wrongContentLength(100, 10);
    const id = await newDelivery(worker, organisation);
    await attempted(worker, id, 1);

    expect(await deliveryOf(worker, id)).toMatchObject({ status: 'succeeded', last_response: 'a'.repeat(10) });
    const { rows } = await worker.pool.query('select reply_error from exchange where delivery_id = $1', [id]);
    expect(rows[0]!.reply_error).toMatch(/reply|body/i);
  });
});

async function secondsUntilDue(id: number): Promise<number> {
  const { rows } = await worker.pool.query<{ seconds: number }>(
    'select extract(epoch from due_at - clock_timestamp())::float as seconds from due_attempt where delivery_id = $1',
    [id],
  );
  return rows[0]!.seconds;
}

async function changeWebhook({ url, serialisation }: { url?: string; serialisation?: string }): Promise<void> {
  await worker.orm.em.fork().transactional(async (em) => {
    const webhook = await em.findOneOrFail(Webhook, organisation.webhook.id);
    webhook.request = {
      ...webhook.request,
      url: url ?? webhook.request.url,
      body: { kind: 'serialisation', name: serialisation ?? webhook.request.body.name },
    };
  });
}

async function setCredentials(username: string, password: string): Promise<void> {
  await worker.orm.em.fork().transactional(async (em) => {
    const organisationId = organisation.organisation.id;
    const webhook = await em.findOneOrFail(Webhook, organisation.webhook.id);
    const authorization =
      (await em.findOne(WebhookAuthorization, { organisationId })) ??
      em.create(WebhookAuthorization, { organisationId, name: 'test', kind: 'basic', username });
    await em.flush();
    authorization.username = username;
    authorization.passwordEncrypted = encryptSecret(
      worker.context.get(Keyring),
      password,
      passwordLocation(organisationId, authorization.id),
    );
    webhook.authorizationId = authorization.id;
  });
}

async function signingSecret(): Promise<string> {
  const { id, organisationId, secretEncrypted } = await worker.orm.em
    .fork()
    .findOneOrFail(SigningSecret, { webhookId: organisation.webhook.id });
  return decryptSecret(worker.context.get(Keyring), secretEncrypted!, signingSecretLocation(organisationId, id));
}

async function addSigningSecret(secret: string): Promise<void> {
  await worker.orm.em.fork().transactional(async (em) => {
    const organisationId = organisation.organisation.id;
    const row = em.create(SigningSecret, { organisationId, webhookId: organisation.webhook.id });
    await em.flush();
    row.secretEncrypted = encryptSecret(
      worker.context.get(Keyring),
      secret,
      signingSecretLocation(organisationId, row.id),
    );
  });
}

/** As the specification words it, from nothing but what arrived. */
function hmacOf(request: ReceivedRequest, secret: string): string {
  const signed = Buffer.concat([
    Buffer.from(`${String(request.headers['webhook-id'])}.${String(request.headers['webhook-timestamp'])}.`),
    request.body,
  ]);
  return createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(signed)
    .digest('base64');
}
