import { BulkRedeliverer } from '../../src/delivery/bulk-redeliverer.js';
import { attempted, deliveryOf, switchWebhook } from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
import { answer, buildInvitation } from '../support/factories.js';
import { attemptedDelivery, buildWatched, type Watched } from '../support/log-journey.js';
import { startReceiver, type Receiver } from '../support/receivers.js';
import { buildMember, signIn, type TestWeb, useWeb } from '../support/web.js';

let web: TestWeb;
let receiver: Receiver;
let watched: Watched;

useWeb((started) => {
  web = started;
});
beforeEach(async () => {
  receiver = await startReceiver({ answer: 503 });
  watched = await buildWatched(web, receiver.url('/hook'));
});
afterEach(() => receiver.close());

describe('the page', () => {
  it.each([
    ['admin', 200, 303],
    ['developer', 200, 303],
    ['support_lead', 403, 403],
    ['viewer', 403, 403],
  ] as const)('answers the role %s with %i, and what it sends with %i', async (role, reads, sends) => {
    const { email, password } = await buildMember(web, { organisationId: watched.organisation.id, role });
    const member = await signIn(web, email, password);
    await member.get('/redeliveries').expect(reads);
    expect((await member.post('/redeliveries', { kind: 'failed' })).status).toBe(sends);
  });

  it('counts before it sends, sends, shows how far it is, and tells who began it', async () => {
    const [first, second] = [await failedDelivery(), await failedDelivery()];
    const counted = await watched.member.get('/redeliveries?kind=failed&webhook=&from=&to=&perSecond=50').expect(200);
    expect(counted.text).toContain('2 deliveries would be sent again');
    expect((await deliveryOf(web, numberOf(first))).manual_attempts).toBe(0);

    receiver.answer = 200;
    const sent = await watched.member.post('/redeliveries', { kind: 'failed', perSecond: '50' });
    expect([sent.status, sent.headers.location]).toEqual([303, '/redeliveries']);
    for (const id of [first, second]) await attempted(web, numberOf(id), 2);
    const text = await eventually(async () => {
      const page = await watched.member.get('/redeliveries').expect(200);
      return page.text.includes('Done') && page.text;
    });
    expect(text).toContain('2 deliveries are being made.');
    expect(text).toContain('2 of 2 sent again');
    expect(text).toMatch(/<span class="sub">\S+@\S+<\/span>/);
    expect(text).not.toContain('data-poll');
    expect((await watched.member.get('/redeliveries?kind=failed')).text).toContain('Nothing fits');
    await audited('bulk_redelivery.started');
  });

  it('sends what was selected in the log', async () => {
    const [first, second] = [await attemptedDelivery(web, watched), await attemptedDelivery(web, watched)];
    const log = await watched.member.get('/webhook-log').expect(200);
    expect(log.text).toContain(`name="webhookId" value="${first}" form="resend-many"`);
    const selection = `kind=selection&webhookId=${first}&webhookId=${second}`;
    const counted = await watched.member.get(`/redeliveries?${selection}`).expect(200);
    expect(counted.text).toContain('2 deliveries would be sent again');
    expect(counted.text).toContain(`<input type="hidden" name="webhookId" value="${second}">`);

    expect((await watched.member.post('/redeliveries', { kind: 'selection', webhookId: [first, second] })).status).toBe(
      303,
    );
    await attempted(web, numberOf(first), 2);
    await attempted(web, numberOf(second), 2);
  });

  it('refuses a second one while the first runs, and cancels it', async () => {
    // At one a second it is still running when it is cancelled.
    for (let count = 0; count < 8; count += 1) await failedDelivery();
    expect((await watched.member.post('/redeliveries', { kind: 'failed', perSecond: '1' })).status).toBe(303);
    const [{ id }] = (await watched.api.get('/redeliveries').expect(200)).body.redeliveries;
    expect((await watched.member.post('/redeliveries', { kind: 'failed' })).status).toBe(303);
    const { text } = await watched.member.get('/redeliveries').expect(200);
    expect(text).toContain('Another bulk redelivery is running.');
    expect(text).toContain('data-poll="2"');
    expect((await watched.member.post(`/redeliveries/${id}/cancellation`)).status).toBe(303);
    expect((await watched.member.get('/redeliveries')).text).toContain('Cancelled. What was due already goes on.');
    expect((await watched.member.post('/redeliveries/999/cancellation')).status).toBe(404);
    await audited('bulk_redelivery.cancelled');
  });

  it.each([
    ['kind=nothing', 'Must be one of those offered.'],
    ['kind=missed', 'Choose the webhook that was switched off.'],
    ['kind=failed&webhook=999999', 'Must be one of your webhooks.'],
    ['kind=failed&from=yesterday', 'Must be a day such as 2026-11-22.'],
    ['kind=failed&from=2026-02-02&to=2026-02-01', 'Must not lie before the first day.'],
    ['kind=failed&perSecond=0', 'Must be from 1 to 500.'],
    ['kind=selection', 'Select at least one delivery in the Webhook Log.'],
    ['kind=selection&webhookId=x', 'One of the selected Webhook IDs is none. Select them in the Webhook Log again.'],
  ])('says beside the field what cannot be used: %s', async (query, message) => {
    const { text } = await watched.member.get(`/redeliveries?${query}`).expect(422);
    expect(text).toContain(`<span aria-hidden="true">✕</span> ${message}`);
  });
});

describe('a webhook that is switched on again', () => {
  it('offers what it missed, until that was sent', async () => {
    receiver.answer = 200;
    await switchWebhook(web, watched.webhook.id, false);
    await answer(web, watched.survey, await buildInvitation(web, watched.survey));
    await eventually(async () => (await web.pool.query('select 1 from event_pending limit 1')).rows.length === 0);
    const off = await watched.member.get('/preferences/integration').expect(200);
    expect(off.text).not.toContain('data-missed');
    await switchWebhook(web, watched.webhook.id, true);

    const on = await watched.member.get('/preferences/integration').expect(200);
    const [, href] = /data-missed[^]*?href="([^"]+)"/.exec(on.text)!;
    const counted = await watched.member.get(href!.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&')).expect(200);
    expect(counted.text).toContain('1 missed event would be delivered');
    expect(
      (await watched.member.post('/redeliveries', { kind: 'missed', webhook: String(watched.webhook.id) })).status,
    ).toBe(303);
    await eventually(() => receiver.requests.length === 1);
    expect((await watched.member.get('/preferences/integration')).text).not.toContain('data-missed');
  });
});

describe('the API', () => {
  it('counts, begins, shows and lists', async () => {
    const failed = await failedDelivery();
    const dry = await watched.api.post('/redeliveries').send({ kind: 'failed', dryRun: true }).expect(200);
    expect(dry.body).toEqual({ found: 1, redelivery: null });
    const from = '2026-11-01T00:00:00.000Z';
    const began = await watched.api.post('/redeliveries').send({ kind: 'failed', from, perSecond: 5 }).expect(202);
    expect(began.body).toMatchObject({ found: 1, redelivery: { kind: 'failed', from, to: null, requestedBy: null } });
    const { id } = began.body.redelivery;
    await attempted(web, numberOf(failed), 2);
    await eventually(async () => (await watched.api.get(`/redeliveries/${id}`)).body.status === 'done');
    const { body } = await watched.api.get('/redeliveries').expect(200);
    expect(body.redeliveries).toMatchObject([{ id, found: 1, redelivered: 1, skipped: 0, status: 'done' }]);
    const cancelled = await watched.api.post(`/redeliveries/${id}/cancellation`).expect(200);
    expect(cancelled.body.status).toBe('done');
  });

  it('cancels what runs', async () => {
    await failedDelivery();
    await failedDelivery();
    const began = await watched.api.post('/redeliveries').send({ kind: 'failed', perSecond: 1 }).expect(202);
    const { id } = began.body.redelivery;
    const { body } = await watched.api.post(`/redeliveries/${id}/cancellation`).expect(200);
    expect(body).toMatchObject({ status: 'cancelled' });
    expect(body.endedAt).not.toBeNull();
    await web.app.get(BulkRedeliverer).stepAll();
    expect((await watched.api.get(`/redeliveries/${id}`)).body.redelivered).toBeLessThan(2);
  });

  it.each([
    [{ kind: 'all' }, 'kind'],
    [{ kind: 'selection' }, 'webhookIds'],
    [{ kind: 'selection', webhookIds: [] }, 'webhookIds'],
    [{ kind: 'selection', webhookIds: ['a65768befa38a'], from: '2026-11-01T00:00:00Z' }, 'from'],
    [{ kind: 'failed', webhookIds: ['a65768befa38a'] }, 'webhookIds'],
    [{ kind: 'missed' }, 'listeningPost'],
    [{ kind: 'failed', perSecond: 501 }, 'perSecond'],
    [{ kind: 'failed', from: '2026-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' }, 'to'],
  ])('refuses %j, naming the field', async (body, field) => {
    const answered = await watched.api.post('/redeliveries').send(body).expect(422);
    expect(answered.body.field).toBe(field);
  });

  it('refuses to begin with nothing, or for a webhook that is off, and knows nobody else’s', async () => {
    const none = await watched.api.post('/redeliveries').send({ kind: 'failed' }).expect(409);
    expect(none.body.code).toBe('nothing_found');
    await failedDelivery();
    const began = await watched.api.post('/redeliveries').send({ kind: 'failed', perSecond: 1 }).expect(202);
    await switchWebhook(web, watched.webhook.id, false);
    const off = await watched.api
      .post('/redeliveries')
      .send({ kind: 'missed', listeningPost: 'transactional' })
      .expect(409);
    expect(off.body.code).toBe('webhook_off');
    const other = await buildWatched(web, null);
    await other.api.get(`/redeliveries/${began.body.redelivery.id}`).expect(404);
    await other.api.post(`/redeliveries/${began.body.redelivery.id}/cancellation`).expect(404);
    expect((await other.api.get('/redeliveries')).body).toEqual({ redeliveries: [] });
  });
});

/** Its first attempt was the last of its schedule. */
async function failedDelivery(): Promise<string> {
  const webhookId = await attemptedDelivery(web, watched);
  const id = numberOf(webhookId);
  await web.pool.query('delete from due_attempt where delivery_id = $1', [id]);
  await web.pool.query(`update delivery set status = 'failed' where id = $1`, [id]);
  return webhookId;
}

function numberOf(webhookId: string): number {
  return Number.parseInt(webhookId, 16);
}

async function audited(action: string): Promise<void> {
  const { rows } = await web.pool.query('select 1 from audit_entry where organisation_id = $1 and action = $2', [
    watched.organisation.id,
    action,
  ]);
  expect(rows).toHaveLength(1);
}
