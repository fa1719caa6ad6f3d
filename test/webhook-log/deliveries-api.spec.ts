import { attempted, comeDue } from '../support/deliveries.js';
import { attemptedDelivery, buildWatched, giveCredentials, sentTest, type Watched } from '../support/log-journey.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';
import { Visitor, type TestWeb, useWeb } from '../support/web.js';

let web: TestWeb;
let receiver: Receiver;
let watched: Watched;

const MOMENT = /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

useWeb((started) => {
  web = started;
});
beforeEach(async () => {
  receiver = await startReceiver();
  watched = await buildWatched(web, receiver.url('/hook'));
});
afterEach(() => receiver.close());

describe('GET /api/v1/deliveries/:webhookId', () => {
  it('tells everything about a delivery, credentials masked', async () => {
    await giveCredentials(web, watched, 'caller', 'pass-phrase-1');
    receiver.answer = answers.inTurn(
      answers.with(503, 'later\0', { 'Set-Cookie': 'session=taste-of-it', 'Content-Type': 'text/plain' }),
      answers.with(200, '{"ok":true}'),
    );
    const id = await attemptedDelivery(web, watched, { comments: 'It’s “fine”' });
    await comeDue(web, Number.parseInt(id, 16));
    await attempted(web, Number.parseInt(id, 16), 2);

    const { body, text } = await watched.api.get(`/deliveries/${id}`).expect(200);
    const payload = receiver.requests[0]!.body.toString();
    const sent = JSON.parse(payload);
    expect(body).toEqual({
      webhookId: id,
      listeningPost: 'transactional',
      status: 'succeeded',
      test: false,
      responseId: Number(sent.Response_ID),
      ticketId: sent.Ticket_ID,
      attemptCount: 2,
      manualAttemptCount: 0,
      interruptedAttemptCount: 0,
      createdAt: expect.stringMatching(MOMENT),
      nextAttemptAt: null,
      waitingReason: null,
      lastActivityAt: expect.stringMatching(MOMENT),
      lastOutcome: 'succeeded',
      lastResponseCode: 200,
      lastResponse: '{"ok":true}',
      payload,
      attempts: [
        {
          number: 1,
          manual: false,
          startedAt: expect.stringMatching(MOMENT),
          durationMs: expect.any(Number),
          outcome: 'rejected',
          message: 'The receiver answered 503. It is not available at the moment.',
          responseCode: 503,
          exchanges: [
            {
              request: { method: 'POST', url: receiver.url('/hook'), headers: expect.any(Array), body: payload },
              response: {
                status: 503,
                headers: expect.arrayContaining([
                  { name: 'Set-Cookie', value: '•••' },
                  { name: 'Content-Type', value: 'text/plain' },
                ]),
                body: 'later\0',
                bodyTruncated: false,
                error: null,
              },
              durationMs: expect.any(Number),
            },
          ],
        },
        expect.objectContaining({ number: 2, outcome: 'succeeded', responseCode: 200 }),
      ],
    });
    expect(body.attempts[0].exchanges[0].request.headers).toEqual(
      expect.arrayContaining([
        { name: 'Authorization', value: 'Basic •••' },
        { name: 'webhook-id', value: id },
        { name: 'Content-Type', value: 'application/json; charset=utf-8' },
      ]),
    );
    for (const secret of ['pass-phrase-1', Buffer.from('caller:pass-phrase-1').toString('base64'), 'taste-of-it']) {
      expect(text).not.toContain(secret);
    }
    expect(Date.parse(body.createdAt)).toBeLessThanOrEqual(Date.parse(body.attempts[0].startedAt));
    expect(body.lastActivityAt).toBe(body.attempts[1].startedAt);
  });

  it('tells when the next attempt is due', async () => {
    receiver.answer = 503;
    const { body } = await watched.api.get(`/deliveries/${await attemptedDelivery(web, watched)}`).expect(200);
    expect(body).toMatchObject({ status: 'in_progress', attemptCount: 1, lastResponse: '' });
    const seconds = (Date.parse(body.nextAttemptAt) - Date.parse(body.lastActivityAt)) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(300);
    expect(seconds).toBeLessThan(310);
  });

  it('has no reply to tell of when none came', async () => {
    receiver.answer = answers.reset();
    const { body } = await watched.api.get(`/deliveries/${await attemptedDelivery(web, watched)}`).expect(200);
    expect(body).toMatchObject({ lastOutcome: 'reset', lastResponseCode: null, lastResponse: null });
    expect(body.attempts[0]).toMatchObject({ outcome: 'reset', responseCode: null, exchanges: [{ response: null }] });
  });

  it('tells of a reply that broke off behind its status line', async () => {
    receiver.answer = answers.wrongContentLength();
    const { body } = await watched.api.get(`/deliveries/${await attemptedDelivery(web, watched)}`).expect(200);
    expect(body.status).toBe('succeeded');
    expect(body.attempts[0].exchanges[0].response).toMatchObject({ body: 'a'.repeat(10), error: expect.any(String) });
  });

  it('gives bytes that are no text as replacement characters, and says what was cut', async () => {
    receiver.answer = answers.with(200, Buffer.alloc(70_000, 0xff));
    const { body } = await watched.api.get(`/deliveries/${await attemptedDelivery(web, watched)}`).expect(200);
    expect(body.lastResponse).toBe('\uFFFD'.repeat(100));
    expect(body.attempts[0].exchanges[0].response).toMatchObject({
      body: '\uFFFD'.repeat(65_536),
      bodyTruncated: true,
    });
  });

  it('has neither payload nor attempts before the first one', async () => {
    await web.pool.query(`update organisation set plan = 'basic' where id = $1`, [watched.organisation.id]);
    const id = await sentTest(web, watched.webhook);
    const { body } = await watched.api.get(`/deliveries/${id}`).expect(200);
    expect(body).toMatchObject({
      status: 'in_progress',
      payload: null,
      attempts: [],
      attemptCount: 0,
      nextAttemptAt: expect.any(String),
      lastActivityAt: null,
      lastOutcome: null,
      lastResponseCode: null,
      lastResponse: null,
      waitingReason: 'The Basic plan has no webhooks: the Corporate or the Enterprise plan is needed.',
    });
    const { text } = await watched.member.get(`/webhook-log/${id}`).expect(200);
    expect(text).toContain('Not made yet: the first attempt makes it.');
  });

  it('of a test names no response', async () => {
    const id = await sentTest(web, watched.webhook);
    const { body } = await watched.api.get(`/deliveries/${id}`).expect(200);
    expect(body).toMatchObject({ test: true, responseId: null, ticketId: 'TEST-TICKET' });
  });

  it.each(['0000000000000', 'fffffffffffff', 'x', 'A65768BEFA38A', '%F0%9F%A6%9C'])('does not know %s', async (id) => {
    const { body } = await watched.api.get(`/deliveries/${id}`).expect(404);
    expect(body.code).toBe('not_found');
    expect((await watched.api.post(`/deliveries/${id}/redelivery`).expect(404)).body.code).toBe('not_found');
  });

  it('does not know what belongs to another organisation', async () => {
    const id = await attemptedDelivery(web, watched);
    const other = await buildWatched(web, null);
    await other.api.get(`/deliveries/${id}`).expect(404);
    await other.api.post(`/deliveries/${id}/redelivery`).expect(404);
    expect((await other.api.get('/deliveries').expect(200)).body).toEqual({ deliveries: [], nextCursor: null });
    expect(receiver.requests).toHaveLength(1);
  });

  it('wants an API key', async () => {
    const visitor = new Visitor(web);
    for (const path of ['/api/v1/deliveries', '/api/v1/deliveries/0000000000000']) {
      expect((await visitor.get(path).expect(401)).body.code).toBe('missing_api_key');
    }
    await visitor.agent.post('/api/v1/deliveries/0000000000000/redelivery').expect(401);
  });

  it('refuses parameters and fields it does not know', async () => {
    const id = await attemptedDelivery(web, watched);
    const unknown = { code: 'unknown_field', field: 'verbose', message: expect.any(String) };
    expect((await watched.api.get(`/deliveries/${id}?verbose=1`).expect(422)).body).toEqual(unknown);
    expect((await watched.api.post(`/deliveries/${id}/redelivery?verbose=1`).expect(422)).body).toEqual(unknown);
    const withBody = watched.api.post(`/deliveries/${id}/redelivery`).send({ verbose: true });
    expect((await withBody.expect(422)).body).toEqual(unknown);
    expect(receiver.requests).toHaveLength(1);
  });
});

it('POST /api/v1/deliveries/:webhookId/redelivery takes an empty object for no body', async () => {
  const id = await attemptedDelivery(web, watched);
  const { body } = await watched.api.post(`/deliveries/${id}/redelivery`).send({}).expect(202);
  expect(body).toEqual({ webhookId: id, status: 'due' });
  await receiver.received(2);
});
