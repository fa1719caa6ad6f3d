import { Environment } from '../../src/config/environment.js';
import { attempted, comeDue, endLease, newDelivery, underWay, wake } from '../support/deliveries.js';
import {
  attemptedDelivery,
  buildWatched,
  changeWebhook,
  giveCredentials,
  type Watched,
} from '../support/log-journey.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';
import { type TestWeb, useWeb } from '../support/web.js';

let web: TestWeb;
let receiver: Receiver;
let watched: Watched;

useWeb((started) => {
  web = started;
});
beforeEach(async () => {
  receiver = await startReceiver();
  watched = await buildWatched(web, receiver.url('/hook?a=1&b=2'));
});
afterEach(() => receiver.close());

describe('an entry of the log', () => {
  it('shows the payload exactly as sent', async () => {
    const id = await attemptedDelivery(web, watched, { comments: `"Quotes" & <b>tags</b>\r\nand 'lines'` });
    const sent = receiver.requests[0]!.body.toString();
    expect(sent).toContain(`"Comments":"\\"Quotes\\" & <b>tags</b>\\nand 'lines'"`);
    expect(await preformatted(id, 'Payload, exactly as sent')).toBe(sent);
  });

  it('links to the response it is about, and to its notes', async () => {
    const id = await attemptedDelivery(web, watched);
    const { SR_Notes_URL: url } = JSON.parse(receiver.requests[0]!.body.toString());
    const { pathname, search } = new URL(url);
    expect(await page(id)).toContain(`href="/responses/${search.replace('?id=', '')}"`);
    expect(web.context.get(Environment).baseUrl + pathname + search).toBe(url);
    expect(await page(id)).toContain(`href="${(pathname + search).replace('=', '&#x3D;')}"`);
    await watched.member.get(pathname + search).expect(200);
  });

  it('shows each attempt with its request and reply, credentials masked', async () => {
    await giveCredentials(web, watched, 'caller', 'pass-phrase-1');
    receiver.answer = answers.inTurn(
      answers.with(401, 'who are you?', { 'set-cookie': 'session=taste-of-it', 'x-trace': 'abc' }),
      answers.with(200, 'welcome'),
    );
    const id = await attemptedDelivery(web, watched);
    await comeDue(web, Number.parseInt(id, 16));
    await attempted(web, Number.parseInt(id, 16), 2);

    const text = await page(id);
    expect(receiver.requests[0]!.headers.authorization).toMatch(/^Basic /);
    expect(text).toContain('The username or password may be wrong or may have changed. <code data-code>401</code>');
    expect(text).toContain('The receiver accepted it. <code data-code>200</code>');
    expect(text).toContain(`POST ${receiver.url('/hook?a=1&b=2').replace('&', '&amp;').replaceAll('=', '&#x3D;')}`);
    expect(text).toContain('<dt>Authorization</dt><dd>Basic •••</dd>');
    expect(text).toContain('<dt>set-cookie</dt><dd>•••</dd>');
    expect(text).toContain('<dt>x-trace</dt><dd>abc</dd>');
    expect(text).toContain('who are you?');
    expect(text).toContain('welcome');
    for (const secret of ['pass-phrase-1', Buffer.from('caller:pass-phrase-1').toString('base64'), 'taste-of-it']) {
      expect(text).not.toContain(secret);
    }
  });

  it('says when the next attempt is due, and which one it is', async () => {
    receiver.answer = 503;
    const id = await attemptedDelivery(web, watched);
    expect(await page(id)).toMatch(
      /Next: automatic attempt 2 of 5<\/p>\s*<p[^>]*>Due <span data-countdown="(300|29\d)">in (5 min|4 min \d+ s)<\/span>: <time/,
    );

    await changeWebhook(web, watched, { enabled: false });
    expect(await page(id)).toContain('Waits because the webhook is switched off.');
    expect(await page(id)).not.toContain('data-countdown');
  });

  it('shows a reply of any bytes as text, and says what is not', async () => {
    receiver.answer = answers.with(500, Buffer.from([0x3c, 0x62, 0x3e, 0x00, 0xff, 0xfe, 0x0a, 0x7f]));
    const id = await attemptedDelivery(web, watched);
    expect(await preformatted(id, 'Body of the reply')).toBe('<b>␀\uFFFD\uFFFD\n␡');
    expect(await page(id)).toContain('It is not UTF-8 text');
  });

  it('says that a long reply was cut', async () => {
    receiver.answer = answers.with(500, 'ä'.repeat(50_000));
    const id = await attemptedDelivery(web, watched);
    expect(await preformatted(id, 'Body of the reply')).toBe('ä'.repeat(32_768));
    expect(await page(id)).toContain('Only the first 64 KiB were read and kept.');
    expect(await page(id)).not.toContain('It is not UTF-8 text');
  });

  it('says in words why nothing came back', async () => {
    await receiver.close();
    const id = await attemptedDelivery(web, watched);
    const text = await page(id);
    expect(text).toMatch(/data-words>[^<]*refused the connection <code data-code>refused</);
    expect(text).toContain('No reply arrived.');
  });

  it('says that nothing was sent where there was nowhere to send it', async () => {
    await changeWebhook(web, watched, { request: { ...watched.webhook.request, url: null } });
    const text = await page(await attemptedDelivery(web, watched));
    expect(text).toContain('The webhook has no URL.');
    expect(text).toContain('Nothing was sent.');
  });

  it('shows a call under way, and the interrupted one that a dead worker left', async () => {
    receiver.answer = answers.hang();
    const id = await newDelivery(web, watched);
    await underWay(web, id);
    await receiver.received(1);
    const webhookId = id.toString(16).padStart(13, '0');
    const during = await page(webhookId);
    expect(during).toContain('A call is under way.');
    expect(during).toMatch(/<button[^>]* disabled aria-describedby="resend-note">Resend Webhook/);

    receiver.answer = answers.with(200, 'at last');
    await endLease(web, id);
    wake(web);
    await attempted(web, id, 2);
    const text = await page(webhookId);
    expect(text).toContain('The process that made the call ended before it could record what came of it.');
    expect(text).toContain('at last');
    expect((await watched.member.get('/webhook-log')).text).toContain('1 + 1 interrupted');
  });

  it('escapes what customers and receivers write', async () => {
    const hostile = '</pre><script>alert(1)</script>';
    receiver.answer = answers.with(200, hostile, { 'x-evil': hostile });
    const id = await attemptedDelivery(web, watched, { comments: hostile });
    const text = await page(id);
    expect(text).not.toContain('<script>alert');
    expect(text.match(/&lt;script&gt;alert\(1\)/g)).toHaveLength(6);
  });

  it.each(['0000000000000', 'fffffffffffff', 'A65768BEFA38A', 'x', "1'--", '%F0%9F%A6%9C'])(
    'is not found under %s',
    async (id) => {
      const { text } = await watched.member.get(`/webhook-log/${id}`).expect(404);
      expect(text).toContain('was not found');
      expect((await watched.member.post(`/webhook-log/${id}/redelivery`)).status).toBe(404);
    },
  );

  it('of another organisation is not found', async () => {
    const id = await attemptedDelivery(web, watched);
    const other = await buildWatched(web, null);
    await other.member.get(`/webhook-log/${id}`).expect(404);
    expect((await other.member.post(`/webhook-log/${id}/redelivery`)).status).toBe(404);
    expect(receiver.requests).toHaveLength(1);
  });
});

async function page(id: string): Promise<string> {
  return (await watched.member.get(`/webhook-log/${id}`).expect(200)).text;
}

/** The text that a browser shows in the `pre` of this name. */
async function preformatted(id: string, name: string): Promise<string> {
  const html = new RegExp(`<pre [^>]*aria-label="${name}"[^>]*>\\n([^]*?)</pre>`).exec(await page(id))![1]!;
  const entities: Record<string, string> = {
    lt: '<',
    gt: '>',
    quot: '"',
    amp: '&',
    '#x27': "'",
    '#x3D': '=',
    '#x60': '`',
  };
  return html.replace(/&(#?\w+);/g, (_entity, entity: string) => entities[entity]!);
}
