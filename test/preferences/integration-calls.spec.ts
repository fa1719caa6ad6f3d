import { createHmac } from 'node:crypto';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { attempted, holding, newDelivery } from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
import { startReceiver, type ReceivedRequest, type Receiver } from '../support/receivers.js';
import { useWeb, type TestWeb } from '../support/web.js';
import { auditedActs, buildStaffed, sectionOf, textOf, type Staffed } from './people.js';

const PAGE = '/preferences/integration';
const FORM = `${PAGE}/transactional`;

let web: TestWeb;
let receiver: Receiver;
let demo: Staffed;

useWeb((started) => {
  web = started;
});
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver?.close());
beforeEach(async () => {
  demo = await buildStaffed(web);
  receiver.requests.length = 0;
  receiver.answer = 200;
});

async function page(query = ''): Promise<string> {
  return (await demo.admin.get(PAGE + query).expect(200)).text;
}

async function section(post: 'transactional' | 'relationship', query = ''): Promise<string> {
  return sectionOf(await page(query), post);
}

async function save(fields: Record<string, string>) {
  return demo.admin.post(FORM, { url: receiver.url('/hook'), username: '', password: '', ...fields });
}

describe('how the webhook is doing', () => {
  it('says the last success, the last failure in words and what is due', async () => {
    await save({ enabled: 'on' });
    expect(textOf(await section('transactional'))).toContain('Last success None yet Last failure None yet Due Nothing');

    const arrived = await newDelivery(web, demo);
    await attempted(web, arrived, 1);
    receiver.answer = 401;
    const failed = await newDelivery(web, demo);
    await attempted(web, failed, 1);

    const html = await section('transactional');
    expect(html).toContain(`href="/webhook-log/${webhookIdOf(arrived)}"`);
    expect(html).toContain(`href="/webhook-log/${webhookIdOf(failed)}"`);
    const text = textOf(html);
    expect(text).toContain('✕ Failed');
    expect(text).toContain('The receiver answered 401. The username or password may be wrong');
    expect(text).toMatch(/Due 1 attempt, the next at \d/);
    expect(textOf(await section('relationship'))).toContain('None yet');
  });

  it('says why what is due waits', async () => {
    await save({ enabled: 'on' });
    receiver.answer = 500;
    await attempted(web, await newDelivery(web, demo), 1);
    await save({});
    expect(textOf(await section('transactional'))).toMatch(/Due 1 attempt ?… Waiting\. The webhook is switched off\./);
  });
});

describe('a test', () => {
  it('is sent while the webhook is off, and its outcome is on the page when it is there', async () => {
    await save({});
    const sent = await demo.admin.post(`${FORM}/test-deliveries`);
    expect(sent.status).toBe(303);
    const [, webhookId] = /^\/preferences\/integration\?test=([0-9a-f]{13})#test$/.exec(sent.headers.location!)!;
    await receiver.received(1);
    const html = await eventually(async () => {
      const text = await page(`?test=${webhookId}`);
      return !text.includes('data-pending') && text;
    });
    expect(textOf(html)).toContain('The test arrived. The receiver accepted it.');
    expect(html).toContain(`href="/webhook-log/${webhookId}"`);
  });

  it('that is still on its way can be looked at again, without a script', async () => {
    const held = holding(200);
    receiver.answer = held.answer;
    await save({});
    const { headers } = await demo.admin.post(`${FORM}/test-deliveries`);
    await receiver.received(1);
    const html = (await demo.admin.get(headers.location!.split('#')[0]!)).text;
    expect(html).toContain('data-pending');
    expect(html).toContain('<a href="">Look again</a>');
    held.letGo();
  });

  it('that failed says so in words, and when it is tried again', async () => {
    receiver.answer = 500;
    await save({});
    const { headers } = await demo.admin.post(`${FORM}/test-deliveries`);
    const html = await eventually(async () => {
      const { text } = await demo.admin.get(headers.location!.split('#')[0]!);
      return !text.includes('data-pending') && text;
    });
    expect(textOf(html)).toMatch(/The test failed\. The receiver answered 500\..*It will be tried again at/);
  });

  it('needs a URL, and is nobody else’s to see', async () => {
    await demo.admin.post(`${FORM}/test-deliveries`);
    expect(await page()).toContain('Save a URL first');
    await save({});
    const { headers } = await demo.admin.post(`${FORM}/test-deliveries`);
    const other = await buildStaffed(web);
    const { text } = await other.admin.get(headers.location!.split('#')[0]!);
    expect(text).not.toContain('id="test"');
    expect(await page('?test=nonsense')).not.toContain('id="test"');
    // The next test shares the receiver.
    await receiver.received(1);
  });
});

describe('the signing secret', () => {
  it('is shown once when it is made, and the old one signs beside it', async () => {
    await save({});
    const before = await page();
    expect(before).not.toContain('whsec_');
    const rotated = await demo.admin.post(`${FORM}/signing-secrets`);
    expect(rotated.headers.location).toBe(`${PAGE}?rotated=transactional#transactional-secrets`);
    const shown = await page('?rotated=transactional');
    const secret = /value="(whsec_[^"]+)"/.exec(shown)![1]!.replaceAll('&#x3D;', '=');
    expect(await page('?rotated=transactional')).not.toContain('whsec_');
    expect(textOf(await section('transactional'))).toMatch(/signs now.*replaced, signs until/);

    await demo.admin.post(`${FORM}/test-deliveries`);
    const [request] = await receiver.received(1);
    const signatures = String(request!.headers['webhook-signature']).split(' ');
    expect(signatures).toHaveLength(2);
    expect(signatures[0]).toBe(signatureOf(request!, secret));
    expect(JSON.stringify(await auditedActs(web, demo))).not.toContain('whsec_');
  });

  it('waits for its page encrypted', async () => {
    await demo.admin.post(`${FORM}/signing-secrets`);
    const { rows } = await web.pool.query('select sess from session');
    expect(JSON.stringify(rows)).toContain('shownOnce');
    expect(JSON.stringify(rows)).not.toContain('whsec_');
  });

  it('that was replaced stops when its time is over, or when it is ended', async () => {
    await save({});
    await demo.admin.post(`${FORM}/signing-secrets`);
    const end = /action="([^"]+\/end)"/.exec(await section('transactional'))![1]!;
    expect((await demo.admin.post(end)).status).toBe(303);
    expect((await demo.admin.post(end)).status).toBe(404);
    expect(await section('transactional')).not.toContain('signs until');
    await demo.admin.post(`${FORM}/test-deliveries`);
    const [request] = await receiver.received(1);
    expect(String(request!.headers['webhook-signature']).split(' ')).toHaveLength(1);
  });

  it('of another organisation cannot be ended, and the one that signs now cannot either', async () => {
    const other = await buildStaffed(web);
    await other.admin.post(`${FORM}/signing-secrets`);
    const end = /action="([^"]+\/end)"/.exec((await other.admin.get(PAGE)).text)![1]!;
    expect((await demo.admin.post(end)).status).toBe(404);
    const { rows } = await web.pool.query<{ id: number }>(
      'select id from signing_secret where webhook_id = $1 and expires_at is null',
      [demo.webhook.id],
    );
    expect((await demo.admin.post(`${FORM}/signing-secrets/${rows[0]!.id}/end`)).status).toBe(404);
  });

  it('is not made without end', async () => {
    for (let count = 0; count < 5; count++) {
      await demo.admin.post(`${FORM}/signing-secrets`);
    }
    expect(await page()).toContain('5 secrets sign already.');
    const { rows } = await web.pool.query('select id from signing_secret where webhook_id = $1', [demo.webhook.id]);
    expect(rows).toHaveLength(5);
  });
});

function signatureOf({ headers, body }: ReceivedRequest, secret: string): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.`;
  return `v1,${createHmac('sha256', key).update(signed).update(body).digest('base64')}`;
}
