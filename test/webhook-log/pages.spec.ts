import { holding, newDelivery, underWay } from '../support/deliveries.js';
import { attemptedDelivery, buildWatched, changeWebhook, sentTest, type Watched } from '../support/log-journey.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';
import { buildMember, signIn, type TestWeb, useWeb } from '../support/web.js';

let web: TestWeb;
let receiver: Receiver;
let watched: Watched;

useWeb((started) => {
  web = started;
});
beforeEach(async () => {
  receiver = await startReceiver();
  watched = await buildWatched(web, receiver.url('/hook?token=s3cret&a=1'));
});
afterEach(() => receiver.close());

describe('the pages of the log', () => {
  it.each([
    ['admin', 200, 303],
    ['developer', 200, 303],
    ['support_lead', 403, 403],
    ['viewer', 403, 403],
  ] as const)('answer the role %s with %i, and its resend with %i', async (role, reads, resends) => {
    const id = await attemptedDelivery(web, watched);
    const { email, password } = await buildMember(web, { organisationId: watched.organisation.id, role });
    const member = await signIn(web, email, password);
    await member.get('/webhook-log').expect(reads);
    await member.get('/webhook-log?status=failed').expect(reads);
    const entry = await member.get(`/webhook-log/${id}`).expect(reads);
    expect(entry.text.includes('Resend Webhook')).toBe(reads === 200);
    expect((await member.post(`/webhook-log/${id}/redelivery`)).status).toBe(resends);
  });

  it('mark a test, and name the webhook', async () => {
    const id = await sentTest(web, watched.webhook);
    const { text } = await watched.member.get('/webhook-log').expect(200);
    expect(text).toMatch(new RegExp(`>${id}</a> <span class="badge" data-mark="test">Test</span>`));
    expect(text).toContain('<span class="sub" data-mark="webhook">Transactional survey webhook</span>');
    expect((await watched.member.get(`/webhook-log/${id}`)).text).toContain('data-mark="test"');
  });

  it('neither keep nor show what is secret in the address that was called', async () => {
    receiver.answer = answers.with(302, '', { location: 'https://b.example/?sig=s3cret' });
    const id = await attemptedDelivery(web, watched);
    expect(receiver.requests[0]!.path).toBe('/hook?token=s3cret&a=1');

    const { text } = await watched.member.get(`/webhook-log/${id}`).expect(200);
    expect(text).toContain('/hook?token&#x3D;•••&amp;a&#x3D;1');
    expect(text).toContain('token&#x3D;&lt;token&gt;&amp;a');
    const { body } = await watched.api.get(`/deliveries/${id}`).expect(200);
    expect(body.attempts[0].exchanges[0].request.url).toBe(`${receiver.origin}/hook?token=•••&a=1`);
    const { rows } = await web.pool.query('select url, reply_headers from exchange where delivery_id = $1', [
      Number.parseInt(id, 16),
    ]);
    expect(JSON.stringify(rows) + text + JSON.stringify(body)).not.toContain('s3cret');
  });

  it('lay JSON out beside what was sent and received', async () => {
    receiver.answer = answers.with(200, '{"ok":true,"items":[1,2]}');
    const id = await attemptedDelivery(web, watched);
    const { text } = await watched.member.get(`/webhook-log/${id}`).expect(200);
    expect(text).toContain('{\n  &quot;ok&quot;: true,\n  &quot;items&quot;: [\n    1,\n    2\n  ]\n}</pre>');
    expect(text).toContain('>\n{&quot;ok&quot;:true,&quot;items&quot;:[1,2]}</pre>');
    expect(text).toContain(`>\n{\n  &quot;Webhook_ID&quot;: &quot;${id}&quot;,\n`);
    expect(text).toContain(`>\n{&quot;Webhook_ID&quot;:&quot;${id}&quot;,`);
    expect(text).toContain('curl --request &#x27;POST&#x27; \\');
  });

  it('say what they wait for, and look at themselves the sooner the more is expected', async () => {
    const { answer, letGo } = holding(503);
    receiver.answer = answer;
    const deliveryId = await newDelivery(web, watched);
    const path = `/webhook-log/${deliveryId.toString(16).padStart(13, '0')}`;
    await underWay(web, deliveryId);
    await receiver.received(1);
    const during = (await watched.member.get(path)).text;
    expect(during).toContain('data-poll="2"');
    expect(during).toContain('Look again</a> to see what came of it.');
    letGo();
    receiver.answer = 200;
    await waitFor(path, 'data-poll="10"');
    await changeWebhook(web, watched, { enabled: false });
    expect((await watched.member.get(path)).text).toContain('data-poll="20"');
  });

  it('take no message away from the next page when they ask for their own news', async () => {
    const id = await attemptedDelivery(web, watched);
    await watched.member.post(`/webhook-log/${id}/redelivery`);
    const background = await watched.member.get('/webhook-log').set('X-Answerback-Background', 'true').expect(200);
    expect(background.text).not.toContain('One more attempt is being made');
    expect((await watched.member.get(`/webhook-log/${id}`)).text).toContain('One more attempt is being made');
    expect((await watched.member.get(`/webhook-log/${id}`)).text).not.toContain('One more attempt is being made');
  });
});

async function waitFor(path: string, words: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { text } = await watched.member.get(path);
    if (text.includes(words) || tries === 50) {
      expect(text).toContain(words);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
