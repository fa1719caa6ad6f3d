import { setTimeout as sleep } from 'node:timers/promises';
import { auditTrail } from '../support/accounts.js';
import { type TestDatabase } from '../support/app.js';
import { attempted, deliveryOf, dueOf, logOf, newDelivery } from '../support/deliveries.js';
import { buildWatched, changeWebhook, type Watched } from '../support/log-journey.js';
import { buildMember, signIn, startWeb, Visitor, type TestWeb, useWeb } from '../support/web.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';

let database: TestDatabase;
let web: TestWeb;
let watched: Watched;
let url: string;

useWeb((started, itsDatabase) => {
  web = started;
  database = itsDatabase;
});
beforeEach(async () => {
  watched = await buildWatched(web, null);
  url = `${web.url}/receiver/${watched.organisation.portalCode}`;
});

describe('the receiver answers', () => {
  it.each([
    [{ answer: 'ok' }, 200, 'will be answered with 200.'],
    [{ answer: 'error' }, 500, 'will be answered with 500.'],
    [{ answer: 'code', code: '404' }, 404, 'will be answered with 404.'],
    [{ answer: 'code', code: '599' }, 599, 'will be answered with 599.'],
    [{ answer: 'code', code: '200' }, 200, 'will be answered with 200.'],
    [{ answer: 'code', code: '204' }, 204, 'will be answered with 204.'],
    [{ answer: 'code', code: '' }, 404, 'will be answered with 404.'],
  ])('%j as set, and the page says so', async (fields, status, words) => {
    await set(fields);
    expect(await page()).toContain(words);
    expect((await fetch(url, { method: 'POST', body: 'hello' })).status).toBe(status);
    expect(await page()).toContain(`Answered ${status}.`);
  });

  it('slowly, after the seconds that were set', async () => {
    await set({ answer: 'slow', seconds: '1' });
    const began = performance.now();
    expect((await fetch(url)).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(950);
    expect(await page()).toContain('Answered 200 after 1 s.');
  });

  it('by resetting the connection', async () => {
    await set({ answer: 'reset' });
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    expect(await page()).toContain('the connection was reset');
  });

  it('not at all while it hangs, and keeps the call all the same', async () => {
    await set({ answer: 'hang' });
    await expect(fetch(url, { signal: AbortSignal.timeout(500) })).rejects.toThrow(/timeout/);
    expect(await page()).toContain('the connection hung');
  });

  it.each(['hang', 'slow'])('a call that waits (%s) does not hold up the end of the process', async (answer) => {
    const other = await startWeb(database);
    try {
      await set({ answer, seconds: '60' });
      const call = fetch(`${other.url}/receiver/${watched.organisation.portalCode}`).catch(() => null);
      await sleep(300);
      const began = performance.now();
      await other.close();
      await call;
      expect(performance.now() - began).toBeLessThan(5_000);
    } finally {
      await other.close().catch(() => undefined);
    }
  });

  it('each organisation as it was set there', async () => {
    const other = await buildWatched(web, null);
    await set({ answer: 'error' });
    expect((await fetch(`${web.url}/receiver/${other.organisation.portalCode}`)).status).toBe(200);
    expect((await fetch(url)).status).toBe(500);
  });

  it.each([
    [{}, 'Choose what the receiver answers.'],
    [{ answer: 'explode' }, 'Choose what the receiver answers.'],
    [{ answer: 'code', code: '199' }, 'A code is a whole number from 200 to 599.'],
    [{ answer: 'code', code: '600' }, 'A code is a whole number from 200 to 599.'],
    [{ answer: 'code', code: '"><script>' }, 'A code is a whole number from 200 to 599.'],
    [{ answer: 'slow', seconds: '0' }, 'The wait is a whole number of seconds from 1 to 60.'],
    [{ answer: 'slow', seconds: '61' }, 'The wait is a whole number of seconds from 1 to 60.'],
    [{ answer: 'slow', seconds: '1.5' }, 'The wait is a whole number of seconds from 1 to 60.'],
  ])('nothing else: %j is refused, and nothing changes', async (fields, words) => {
    const { status, text } = await watched.member.post('/receiver-settings', fields);
    expect(status).toBe(422);
    expect(text).toContain(words);
    expect(text).not.toContain('"><script>');
    expect((await fetch(url)).status).toBe(200);
  });
});

describe('the controls of the receiver', () => {
  it('are for admins and developers only, and so is its page', async () => {
    for (const role of ['admin', 'developer', 'support_lead', 'viewer'] as const) {
      const { email, password } = await buildMember(web, { role, organisationId: watched.organisation.id });
      const member = await signIn(web, email, password);
      const may = role === 'admin' || role === 'developer';
      expect((await member.get('/receiver')).status).toBe(may ? 200 : 403);
      expect((await member.post('/receiver-settings', { answer: 'ok' })).status).toBe(may ? 303 : 403);
    }
    expect((await new Visitor(web).get('/receiver').expect(303)).headers.location).toContain('/sign-in');
    await watched.member.send('/receiver-settings', { answer: 'error' }).expect(403);
  });

  it('show a failure, its retry, and Resend that brings it through', async () => {
    await changeWebhook(web, watched, { enabled: true, request: { ...watched.webhook.request, url } });
    await set({ answer: 'error' });
    const id = await newDelivery(web, watched);
    await attempted(web, id, 1);
    expect(await deliveryOf(web, id)).toMatchObject({ status: 'in_progress', last_response_code: 500 });
    expect(await dueOf(web, id)).toMatchObject([{ kind: 'automatic', number: 2, spent: 1 }]);

    await set({ answer: 'ok' });
    await watched.member.post(`/webhook-log/${webhookIdOf(id)}/redelivery`);
    await attempted(web, id, 2);
    expect(await logOf(web, id)).toEqual(['1 rejected', '2 succeeded manual']);
    expect(await deliveryOf(web, id)).toMatchObject({ status: 'succeeded', last_response_code: 200 });
    expect(await dueOf(web, id)).toEqual([]);
    const text = await page();
    expect(text.match(/<details class="card call"/g)).toHaveLength(2);
    expect(text).toMatch(/Answered 200\.[\s\S]*Answered 500\./);
  });

  it('leave a line in the audit trail', async () => {
    await set({ answer: 'error' });
    expect((await auditTrail(web, watched.organisation.id)).at(-1)).toMatchObject({
      action: 'receiver.changed',
      details: { nextCall: 'will be answered with 500.' },
    });
  });

  it('reset and hang are failures of the connection', async () => {
    await changeWebhook(web, watched, { enabled: true, request: { ...watched.webhook.request, url } });
    await set({ answer: 'reset' });
    const id = await newDelivery(web, watched);
    const [attempt] = await attempted(web, id, 1);
    expect(attempt).toMatchObject({ number: 1, response_code: null });
    expect(attempt!.outcome).not.toBe('succeeded');
  });
});

describe('a page that asks for its own news', () => {
  it('leaves a message to the page that a person opens next', async () => {
    await set({ answer: 'ok' });
    const polled = await watched.member.get('/receiver').set('X-Answerback-Background', '1').expect(200);
    expect(polled.text).not.toContain('Saved: the next call');
    expect(await page()).toContain('Saved: the next call will be answered with 200.');
    expect(await page()).not.toContain('Saved: the next call');
  });
});

async function set(fields: Record<string, string>): Promise<void> {
  const { status, headers } = await watched.member.post('/receiver-settings', fields);
  expect([status, headers.location]).toEqual([303, '/receiver']);
}

async function page(): Promise<string> {
  return (await watched.member.get('/receiver').expect(200)).text;
}
