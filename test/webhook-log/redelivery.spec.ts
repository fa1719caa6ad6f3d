import { deleteWebhook } from '../../src/delivery/cancel.js';
import { attempted, comeDue, deliveryOf, dueOf, holding, logOf, newDelivery, underWay } from '../support/deliveries.js';
import { attemptedDelivery, buildWatched, changeWebhook, type Watched } from '../support/log-journey.js';
import { startReceiver, type Receiver } from '../support/receivers.js';
import { Visitor, type TestWeb, useWeb } from '../support/web.js';

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

/** The button of the page and the route of the API do the same. */
const ways = [
  ['by the page', (id: string) => watched.member.post(`/webhook-log/${id}/redelivery`), 303],
  ['by the API', (id: string) => watched.api.post(`/deliveries/${id}/redelivery`), 202],
] as const;

describe.each(ways)('resend %s', (_way, resend, accepted) => {
  it('sends a delivery that succeeded once more, the very same', async () => {
    const id = await attemptedDelivery(web, watched);
    expect((await resend(id)).status).toBe(accepted);
    const [first, second] = await receiver.received(2);
    expect(second!.body.equals(first!.body)).toBe(true);
    expect(second!.headers['webhook-id']).toBe(id);
    expect(await settled(id, 2)).toEqual({ status: 'succeeded', log: ['1 succeeded', '2 succeeded manual'] });
  });

  it('leaves status and schedule of one in progress when it fails, and ends them when it succeeds', async () => {
    receiver.answer = 503;
    const id = await attemptedDelivery(web, watched);
    const [scheduled] = await dueOf(web, Number.parseInt(id, 16));
    expect((await resend(id)).status).toBe(accepted);
    expect(await settled(id, 2)).toMatchObject({ status: 'in_progress' });
    expect(await dueOf(web, Number.parseInt(id, 16))).toMatchObject([
      { due_at: scheduled!.due_at, spent: 1, number: 3 },
    ]);

    receiver.answer = 200;
    expect((await resend(id)).status).toBe(accepted);
    expect(await settled(id, 3)).toMatchObject({ status: 'succeeded' });
    expect(await dueOf(web, Number.parseInt(id, 16))).toEqual([]);
  });

  it('sends a failed delivery again: a failure leaves it failed, a success makes it succeeded', async () => {
    receiver.answer = 503;
    const id = await failedDelivery();
    expect((await resend(id)).status).toBe(accepted);
    expect(await settled(id, 6)).toMatchObject({ status: 'failed' });
    receiver.answer = 200;
    expect((await resend(id)).status).toBe(accepted);
    expect(await settled(id, 7)).toMatchObject({ status: 'succeeded' });
    const { body } = await watched.api.get(`/deliveries/${id}`).expect(200);
    expect(body).toMatchObject({ attemptCount: 5, manualAttemptCount: 2, nextAttemptAt: null });
    expect((await watched.member.get('/webhook-log')).text).toContain('>5 + 2 manual<');
  });
});

describe('resend is refused', () => {
  it('while a call is under way', async () => {
    const { answer, letGo } = holding(200);
    receiver.answer = answer;
    const deliveryId = await newDelivery(web, watched);
    const id = deliveryId.toString(16).padStart(13, '0');
    await underWay(web, deliveryId);

    const refusal = await watched.api.post(`/deliveries/${id}/redelivery`).expect(409);
    expect(refusal.body).toEqual({ code: 'call_under_way', message: expect.stringContaining('under way') });
    expect(await flashOf(id)).toEqual({ kind: 'error', text: refusal.body.message });
    expect((await watched.api.get(`/deliveries/${id}`)).body).toMatchObject({
      nextAttemptAt: null,
      waitingReason: null,
    });

    letGo();
    await attempted(web, deliveryId, 1);
    expect(await logOf(web, deliveryId)).toEqual(['1 succeeded']);
    expect(receiver.requests).toHaveLength(1);
  });

  it('while the webhook is off, saying so', async () => {
    receiver.answer = 503;
    const id = await attemptedDelivery(web, watched);
    await changeWebhook(web, watched, { enabled: false });
    const refusal = await watched.api.post(`/deliveries/${id}/redelivery`).expect(409);
    expect(refusal.body).toEqual({ code: 'webhook_off', message: expect.stringContaining('switched off') });
    expect(await flashOf(id)).toEqual({ kind: 'error', text: refusal.body.message });
    expect((await watched.api.get(`/deliveries/${id}`)).body).toMatchObject({
      status: 'in_progress',
      nextAttemptAt: expect.any(String),
      waitingReason: refusal.body.message,
    });
  });

  it('on the Basic plan, saying so', async () => {
    const id = await attemptedDelivery(web, watched);
    await web.pool.query(`update organisation set plan = 'basic' where id = $1`, [watched.organisation.id]);
    const refusal = await watched.api.post(`/deliveries/${id}/redelivery`).expect(409);
    expect(refusal.body).toEqual({ code: 'webhook_off', message: expect.stringContaining('Basic plan') });
    const { body } = await watched.api.get(`/deliveries/${id}`);
    expect(body).toMatchObject({ status: 'succeeded', waitingReason: null });
  });

  it('once the webhook was deleted, which also cancels what is due', async () => {
    receiver.answer = 503;
    const id = await attemptedDelivery(web, watched);
    await web.orm.em.fork().transactional((em) => deleteWebhook(em, watched.organisation.id, watched.webhook.id));
    const refusal = await watched.api.post(`/deliveries/${id}/redelivery`).expect(409);
    expect(refusal.body).toEqual({ code: 'webhook_off', message: 'The webhook was deleted.' });
    expect((await watched.api.get(`/deliveries/${id}`)).body).toMatchObject({
      status: 'cancelled',
      nextAttemptAt: null,
      waitingReason: null,
    });
    const { text } = await watched.member.get(`/webhook-log/${id}`).expect(200);
    expect(text).toMatch(/Cancelled/);
    expect(text).toMatch(/<button[^>]* disabled[^>]*>Resend Webhook<\/button>\s*<p[^>]*>The webhook was deleted\./);
  });

  it('without a form of our own, or without being signed in', async () => {
    const id = await attemptedDelivery(web, watched);
    await watched.member.send(`/webhook-log/${id}/redelivery`, {}).expect(403);
    const { headers } = await new Visitor(web).post(`/webhook-log/${id}/redelivery`);
    expect(headers.location).toBe('/sign-in');
    expect(receiver.requests).toHaveLength(1);
  });
});

it('the button tells on the next page what it did, once', async () => {
  const id = await attemptedDelivery(web, watched);
  expect(await flashOf(id)).toMatchObject({ kind: 'success' });
  expect((await watched.member.get(`/webhook-log/${id}`)).text).not.toContain('class="alert');
});

async function settled(id: string, attempts: number) {
  const deliveryId = Number.parseInt(id, 16);
  await attempted(web, deliveryId, attempts);
  return { status: (await deliveryOf(web, deliveryId)).status, log: await logOf(web, deliveryId) };
}

async function failedDelivery(): Promise<string> {
  const id = await attemptedDelivery(web, watched);
  for (const made of [2, 3, 4, 5]) {
    await comeDue(web, Number.parseInt(id, 16));
    await attempted(web, Number.parseInt(id, 16), made);
  }
  return id;
}

/** Presses the button, and reads what the page it leads to tells. */
async function flashOf(id: string): Promise<{ kind: string; text: string }> {
  const { headers } = await watched.member.post(`/webhook-log/${id}/redelivery`);
  expect(headers.location).toBe(`/webhook-log/${id}`);
  const { text } = await watched.member.get(headers.location!).expect(200);
  const [, kind, message] = /<p class="alert alert-(\w+)"[^>]*><span[^>]*>.<\/span> <span>([^<]*)<\/span><\/p>/.exec(
    text,
  )!;
  return { kind: kind === 'danger' ? 'error' : kind!, text: message! };
}
