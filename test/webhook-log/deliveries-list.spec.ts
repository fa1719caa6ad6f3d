import type { Response } from 'supertest';
import { surveyWebhook } from '../../src/webhooks/survey-webhook.js';
import { attempted } from '../support/deliveries.js';
import { attemptedDelivery, buildWatched, sentTest, type Watched } from '../support/log-journey.js';
import { startReceiver, type Receiver } from '../support/receivers.js';
import { type TestWeb, useWeb } from '../support/web.js';

let web: TestWeb;
let receiver: Receiver;
let watched: Watched;

useWeb((started) => {
  web = started;
});
beforeEach(async () => {
  receiver = await startReceiver();
  watched = await buildWatched(web, receiver.url('/hook'));
});
afterEach(() => receiver.close());

describe('GET /api/v1/deliveries', () => {
  it('lists what an entry says, without payload and attempts', async () => {
    const id = await attemptedDelivery(web, watched);
    const { payload: _payload, attempts: _attempts, ...facts } = (await watched.api.get(`/deliveries/${id}`)).body;
    const { body } = await watched.api.get('/deliveries').expect(200);
    expect(body).toEqual({ deliveries: [facts], nextCursor: null });
  });

  it('goes through all of them, newest first, by its cursor', async () => {
    const ids: string[] = [];
    for (const _ of Array.from({ length: 5 })) {
      ids.unshift(await attemptedDelivery(web, watched));
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null && pages < 9; pages += 1) {
      const { body }: Response = await watched.api
        .get(`/deliveries?limit=2${cursor && `&cursor=${cursor}`}`)
        .expect(200);
      seen.push(...webhookIds(body));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(ids);
  });

  it('narrows by each filter, and by several at once', async () => {
    const succeeded = await attemptedDelivery(web, watched);
    receiver.answer = 503;
    const inProgress = await attemptedDelivery(web, watched);
    const test = await attemptedTest();
    const relationship = await relationshipDelivery();
    const all = [relationship, test, inProgress, succeeded];
    const { body: facts } = await watched.api.get(`/deliveries/${inProgress}`);

    expect(await found('')).toEqual(all);
    expect(await found('status=succeeded')).toEqual([succeeded]);
    expect(await found('status=in_progress')).toEqual([relationship, test, inProgress]);
    expect(await found('status=failed')).toEqual([]);
    expect(await found('test=true')).toEqual([test]);
    expect(await found('test=false')).toEqual([relationship, inProgress, succeeded]);
    expect(await found('listeningPost=relationship')).toEqual([relationship]);
    expect(await found(`ticketId=${facts.ticketId}`)).toEqual([inProgress]);
    expect(await found(`responseId=${facts.responseId}`)).toEqual([inProgress]);
    expect(await found(`createdFrom=${facts.createdAt}`)).toEqual([relationship, test, inProgress]);
    expect(await found(`createdTo=${facts.createdAt}`)).toEqual([succeeded]);
    expect(await found(`createdTo=${facts.createdAt}&cursor=${succeeded}`)).toEqual([]);
    expect(await found(`createdFrom=${facts.createdAt}&test=false&status=in_progress&limit=1`)).toEqual([relationship]);
    expect(await found('createdFrom=0001-01-01T00:00:00Z&createdTo=9999-12-31T23:59:59Z')).toEqual(all);
    expect(await found('createdFrom=9999-12-31T23:59:59%2B14:00')).toEqual([]);
    expect(await found('ticketId=%00')).toEqual([]);
  });

  it.each([
    ['status', 'status=late'],
    ['status', 'status=failed&status=succeeded'],
    ['listeningPost', 'listeningPost=other'],
    ['ticketId', 'ticketId='],
    ['ticketId', 'ticketId=a&ticketId=b'],
    ['ticketId', `ticketId=${'x'.repeat(256)}`],
    ['responseId', 'responseId=1e3'],
    ['responseId', 'responseId=-1'],
    ['responseId', 'responseId=99999999999999999999'],
    ['test', 'test=yes'],
    ['createdFrom', 'createdFrom=yesterday'],
    ['createdFrom', 'createdFrom=2026-02-30T00:00:00Z'],
    ['createdFrom', 'createdFrom=2026-01-01T00:00:00+13:00'],
    ['createdTo', 'createdTo=275761-01-01T00:00:00Z'],
    ['limit', 'limit=0'],
    ['limit', 'limit=201'],
    ['limit', 'limit=1.5'],
    ['limit', 'limit='],
    ['limit', 'limit=1&limit=2'],
    ['cursor', 'cursor=x'],
    ['cursor', 'cursor='],
    ['cursor', 'cursor=00000000000000'],
  ])('refuses a wrong %s: %s', async (field, query) => {
    const { body } = await watched.api.get(`/deliveries?${query}`);
    expect(body).toMatchObject({ code: 'invalid_field', field });
  });

  it.each(['page=2', 'status[]=failed', '__proto__=1', 'webhookId=1'])('does not know ?%s', async (query) => {
    const { body } = await watched.api.get(`/deliveries?${query}`).expect(422);
    expect(body).toMatchObject({ code: 'unknown_field', field: decodeURIComponent(query.split('=')[0]!) });
  });
});

function webhookIds(body: { deliveries: { webhookId: string }[] }): string[] {
  return body.deliveries.map((delivery) => delivery.webhookId);
}

async function found(query: string): Promise<string[]> {
  return webhookIds((await watched.api.get(`/deliveries?${query}`).expect(200)).body);
}

async function attemptedTest(webhook = watched.webhook): Promise<string> {
  const id = await sentTest(web, webhook);
  await attempted(web, Number.parseInt(id, 16), 1);
  return id;
}

/** No page of ours asks relationship surveys yet: a test of that webhook stands in for an answer to one. */
async function relationshipDelivery(): Promise<string> {
  const em = web.orm.em.fork();
  const webhook = await surveyWebhook(em, watched.organisation.id, 'relationship');
  webhook.request = { ...webhook.request, url: receiver.url('/relationship') };
  await em.flush();
  const id = await attemptedTest(webhook);
  await web.pool.query('update delivery set test = false where id = $1', [Number.parseInt(id, 16)]);
  return id;
}
