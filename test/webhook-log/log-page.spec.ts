import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { attempted, newDelivery, resend, underWay } from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
import { attemptedDelivery, buildWatched, changeWebhook, type Watched } from '../support/log-journey.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';
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

describe('the log', () => {
  it('says what will stand in it while it is empty', async () => {
    const { text } = await watched.member.get('/webhook-log').expect(200);
    expect(text).toContain('No webhook has been called yet');
  });

  it('sends who is not signed in to the sign-in page', async () => {
    const { headers } = await new Visitor(web).get('/webhook-log').expect(303);
    expect(headers.location).toBe('/sign-in?returnTo=%2Fwebhook-log');
  });

  it('has the columns of a delivery that succeeded', async () => {
    receiver.answer = answers.with(200, `{"ok":true}${'x'.repeat(200)}`);
    const id = await attemptedDelivery(web, watched);

    const [row] = await rows();
    expect(row).toHaveLength(8);
    expect(row![0]).toBe('Transactional Transactional survey webhook');
    expect(row![1]).toMatch(new RegExp(`^${id} Ticket INC\\d+ Response \\d+$`));
    expect(row![2]).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(row![3]).toBe('200');
    expect(row![4]).toBe(`{&quot;ok&quot;:true}${'x'.repeat(89)}`);
    expect(row![5]).toBe('1');
    expect(row![6]).toBe('Succeeded');
    expect(row![7]).toBe(`Select webhook ${id} Open webhook ${id}`);
  });

  it('lists the newest first, whichever was called last', async () => {
    receiver.answer = 503;
    const first = await attemptedDelivery(web, watched);
    const second = await attemptedDelivery(web, watched);
    await resend(web, watched.organisation.id, Number.parseInt(first, 16));
    await attempted(web, Number.parseInt(first, 16), 2);

    expect((await rows()).map((row) => row[1]!.slice(0, 13))).toEqual([second, first]);
    expect((await rows())[1]![5]).toBe('1 + 1 manual');
    expect((await rows())[1]![6]).toBe('In Progress');
  });

  it('says in words why there is no reply', async () => {
    receiver.answer = answers.reset();
    await attemptedDelivery(web, watched);
    const [row] = await rows();
    expect(row![3]).toBe('No reply');
    expect(row![4]).toBe('The receiver closed the connection before it answered.');
  });

  it('says why what is due waits', async () => {
    receiver.answer = 503;
    await attemptedDelivery(web, watched);
    await changeWebhook(web, watched, { enabled: false });
    expect((await rows())[0]![6]).toContain('Waits because the webhook is switched off.');

    await web.pool.query(`update organisation set plan = 'basic' where id = $1`, [watched.organisation.id]);
    expect((await rows())[0]![6]).toContain('Waits because the Basic plan has no webhooks');
  });

  it('escapes whatever a receiver answers', async () => {
    receiver.answer = answers.with(500, `<script>alert(1)</script>\0`);
    await attemptedDelivery(web, watched);
    const { text } = await watched.member.get('/webhook-log').expect(200);
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;\uFFFD');
  });

  it('shows nothing of another organisation', async () => {
    const id = await attemptedDelivery(web, watched);
    const other = await buildWatched(web, null);
    const { text } = await other.member.get('/webhook-log').expect(200);
    expect(text).not.toContain(id);
  });
});

describe('the pages of the log', () => {
  it('hold fifty each, and lead to what is older and back', async () => {
    const ids = await manyDeliveries(120);
    const first = await pageAt('/webhook-log');
    expect(first.shown).toEqual(ids.slice(0, 50));
    expect(first.newer).toBeUndefined();
    const second = await pageAt(first.older!);
    expect(second.shown).toEqual(ids.slice(50, 100));
    const third = await pageAt(second.older!);
    expect(third.shown).toEqual(ids.slice(100));
    expect(third.older).toBeUndefined();

    expect(await pageAt(third.newer!)).toEqual(second);
    expect(await pageAt(second.newer!)).toEqual(first);
    expect((await pageAt(`/webhook-log?before=${ids.at(-1)}`)).shown).toEqual(first.shown);
    expect((await pageAt(`/webhook-log?after=${ids[0]}`)).shown).toEqual(first.shown);
  });

  it.each(['before=x', 'before=', 'before=1&before=2', 'after=zzzzzzzzzzzzz', 'after=10000000000000'])(
    'with ?%s are not found',
    async (query) => {
      await watched.member.get(`/webhook-log?${query}`).expect(404);
    },
  );
});

it('a call under way stands in the log before it has a reply', async () => {
  receiver.answer = answers.hang();
  const id = await newDelivery(web, watched);
  await underWay(web, id);
  await receiver.received(1);
  const [row] = await rows();
  expect(row!.slice(2, 7)).toEqual(['Not called yet', 'None yet', 'Not called yet', '0', 'In Progress']);
  receiver.cut();
  await attempted(web, id, 1);
});

/** The cells of every row, without their markup. */
async function rows(): Promise<string[][]> {
  const { text } = await watched.member.get('/webhook-log').expect(200);
  return [...text.matchAll(/<tr role="row" data-key[^]*?<\/tr>/g)].map(([row]) =>
    [...row.matchAll(/<td[^>]*>([^]*?)<\/td>/g)].map((cell) => plain(cell[1]!)),
  );
}

/** The Webhook IDs on a page of the log, and where its links lead. */
async function pageAt(path: string) {
  const { text } = await watched.member.get(path).expect(200);
  return {
    shown: [...text.matchAll(/<tr [^>]*data-key="(\w+)"/g)].map((match) => match[1]),
    newer: /href="([^"]+)" rel="prev"/.exec(text)?.[1]?.replace('&#x3D;', '='),
    older: /href="([^"]+)" rel="next"/.exec(text)?.[1]?.replace('&#x3D;', '='),
  };
}

function plain(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Webhook IDs, newest first. */
async function manyDeliveries(count: number): Promise<string[]> {
  for (let made = 0; made < count; made += 20) {
    await Promise.all(Array.from({ length: 20 }, () => newDelivery(web, watched)));
  }
  await eventually(async () => (await deliveryIds()).length === count);
  return (await deliveryIds()).map(webhookIdOf);
}

async function deliveryIds(): Promise<number[]> {
  const { rows: found } = await web.pool.query<{ id: number }>(
    'select id from delivery where webhook_id = $1 order by id desc',
    [watched.webhook.id],
  );
  return found.map((row) => row.id);
}
