import { surveyWebhook } from '../../src/webhooks/survey-webhook.js';
import { attempted, newDelivery } from '../support/deliveries.js';
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

describe('the log, filtered', () => {
  it('lists by status, listening post and webhook', async () => {
    const succeeded = await attemptedDelivery(web, watched);
    receiver.answer = 503;
    const inProgress = await attemptedDelivery(web, watched);
    const relationship = await relationshipTest();
    const other = await surveyWebhook(web.orm.em.fork(), watched.organisation.id, 'relationship');

    expect(await found('')).toEqual([relationship, inProgress, succeeded]);
    expect(await found('status=succeeded')).toEqual([succeeded]);
    expect(await found('status=in_progress')).toEqual([relationship, inProgress]);
    expect(await found('status=failed')).toEqual([]);
    expect(await found('listeningPost=relationship')).toEqual([relationship]);
    expect(await found('listeningPost=transactional')).toEqual([inProgress, succeeded]);
    expect(await found(`webhook=${other.id}`)).toEqual([relationship]);
    expect(await found(`webhook=${watched.webhook.id}&status=in_progress`)).toEqual([inProgress]);
    expect(await found('webhook=999999999')).toEqual([]);
  });

  it('finds by Webhook ID, Response ID and Ticket ID, whatever else is asked', async () => {
    const first = await attemptedDelivery(web, watched);
    const second = await attemptedDelivery(web, watched);
    const { body } = await watched.api.get(`/deliveries/${first}`).expect(200);

    expect(await found(`text=${first}`)).toEqual([first]);
    expect(await found(`text=${first.toUpperCase()}`)).toEqual([first]);
    expect(await found(`text=++${body.ticketId}++`)).toEqual([first]);
    expect(await found(`text=${body.ticketId.toLowerCase()}`)).toEqual([first]);
    expect(await found(`text=${body.responseId}`)).toEqual([first]);
    expect(await found(`text=${body.responseId}&status=failed`)).toEqual([]);
    expect(await found(`text=${second}&status=succeeded`)).toEqual([second]);
    expect(await found('text=INC')).toEqual([]);
    expect(await found("text=' or 1=1 --")).toEqual([]);
    expect(await found('text=%00')).toEqual([]);
  });

  it('finds each delivery once that a text names in several ways', async () => {
    const named = await attemptedDelivery(web, watched);
    const { body } = await watched.api.get(`/deliveries/${named}`).expect(200);
    await web.pool.query('update delivery set ticket_id = $1 where id = $2', [
      String(body.responseId),
      Number.parseInt(named, 16),
    ]);
    expect(await found(`text=${body.responseId}`)).toEqual([named]);
  });

  it('counts whole days in GMT, the last one included', async () => {
    const id = await attemptedDelivery(web, watched);
    const { body } = await watched.api.get(`/deliveries/${id}`).expect(200);
    const day = body.createdAt.slice(0, 10);
    const [before, after] = [-1, 1].map((days) => dayAfter(day, days));

    expect(await found(`from=${day}&to=${day}`)).toEqual([id]);
    expect(await found(`from=${before}&to=${after}`)).toEqual([id]);
    expect(await found(`from=${after}`)).toEqual([]);
    expect(await found(`to=${before}`)).toEqual([]);
  });

  it('says how many filters are on, keeps them in the form, and offers to clear them', async () => {
    await attemptedDelivery(web, watched);
    const text = await page(`text=INC1&status=failed&from=2026-01-02&webhook=${watched.webhook.id}`);
    expect(text).toContain(
      'Four filters are on: “INC1”, status Failed, webhook Transactional survey webhook, from 2026-01-02. <a href="/webhook-log">Clear</a>',
    );
    expect(text).toMatch(/name="text" value="INC1"/);
    expect(text).toContain('<option value="failed" selected>Failed</option>');
    expect(text).toMatch(/name="from" type="date" value="2026-01-02"/);
    expect(text).toMatch(/<details class="log-more-filters" open>/);
    expect(text).toContain('Nothing in the log fits');
    expect(text).not.toContain('No webhook has been called yet');

    expect(await page('status=failed&text=&from=')).toContain('One filter is on: status Failed.');
    expect(await page('status=&text=')).not.toContain('data-filters-on');
  });

  it('keeps the filters from page to page', async () => {
    await Promise.all(Array.from({ length: 52 }, () => newDelivery(web, watched)));
    await sentTest(web, watched.webhook);
    const filter = `webhook=${watched.webhook.id}&from=2026-01-01`;
    const [, older] = /href="([^"]+)" rel="next"/.exec(await page(filter))!;
    const next = unescaped(older!);
    expect(next).toMatch(new RegExp(`^/webhook-log\\?${filter}&before=[0-9a-f]{13}$`));
    const { text } = await watched.member.get(next).expect(200);
    expect(idsIn(text)).toHaveLength(3);
    expect(text).toContain('Two filters are on');
    expect(text).not.toContain('data-poll');
    const [, newer] = /href="([^"]+)" rel="prev"/.exec(text)!;
    const back = await watched.member.get(unescaped(newer!)).expect(200);
    expect(idsIn(back.text)).toHaveLength(50);
    expect(back.text).toContain('data-poll="4"');
  });

  it.each([
    ['status=late', 'Must be one of the statuses.'],
    ['listeningPost=x', 'Must be one of the listening posts.'],
    ['webhook=x', 'Must be a whole number.'],
    ['from=yesterday', 'Must be a day such as 2026-11-22.'],
    ['from=2026-02-30', 'Must be a day such as 2026-11-22.'],
    ['from=2026-02-02&to=2026-02-01', 'Must not lie before the first day.'],
    [`text=${'x'.repeat(256)}`, 'Must have at most 255 characters.'],
  ])('says beside the field what cannot be used: %s', async (query, message) => {
    const { text } = await watched.member.get(`/webhook-log?${query}`).expect(422);
    expect(text).toContain(`<span aria-hidden="true">✕</span> ${message}`);
    expect(idsIn(text)).toEqual([]);
  });

  it('shows neither deliveries nor webhooks of another organisation', async () => {
    const id = await attemptedDelivery(web, watched);
    const { body } = await watched.api.get(`/deliveries/${id}`).expect(200);
    const other = await buildWatched(web, null);
    for (const query of [
      `text=${id}`,
      `text=${body.ticketId}`,
      `text=${body.responseId}`,
      `webhook=${watched.webhook.id}`,
    ]) {
      const { text } = await other.member.get(`/webhook-log?${query}`).expect(200);
      expect(idsIn(text)).toEqual([]);
      expect(text).not.toContain(`<option value="${watched.webhook.id}"`);
    }
  });
});

async function page(query: string): Promise<string> {
  return (await watched.member.get(`/webhook-log?${query}`).expect(200)).text;
}

async function found(query: string): Promise<string[]> {
  return idsIn(await page(query));
}

function idsIn(text: string): string[] {
  return [...text.matchAll(/<tr [^>]*data-key="(\w+)"/g)].map((match) => match[1]!);
}

function unescaped(href: string): string {
  return href.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The relationship webhook has nowhere to send it, so that it stays in progress. */
async function relationshipTest(): Promise<string> {
  const webhook = await surveyWebhook(web.orm.em.fork(), watched.organisation.id, 'relationship');
  const id = await sentTest(web, webhook);
  await attempted(web, Number.parseInt(id, 16), 1);
  return id;
}
