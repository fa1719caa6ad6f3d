import type { Role } from '../../src/accounts/member.entity.js';
import type { Webhook } from '../../src/webhooks/webhook.entity.js';
import { attempted, deliveryOf, dueOf, newDelivery, switchWebhook } from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
import {
  answer,
  buildInvitation,
  buildOrganisation,
  buildApiWebhook,
  type TestOrganisation,
} from '../support/factories.js';
import { startMailReceiver, type MailReceiver } from '../support/mail-receiver.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';
import { buildMember, signIn, startWeb, type TestWeb, type Visitor } from '../support/web.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';

let database: TestDatabase;
let web: TestWeb;
let mailReceiver: MailReceiver;
let receiver: Receiver;
let built: TestOrganisation;
let webhook: Webhook;
let admin: Visitor;
let adminEmail: string;

beforeAll(async () => {
  mailReceiver = await startMailReceiver();
  database = await createTestDatabase();
  web = await startWeb(database, { SMTP_URL: mailReceiver.url, MAIL_FROM: 'answerback@example.com' });
});
afterAll(async () => {
  await web?.close();
  await mailReceiver?.close();
  await database?.drop();
});
beforeEach(async () => {
  receiver = await startReceiver();
  built = await buildOrganisation(web, null);
  webhook = await buildApiWebhook(web, built, receiver.url('/hook'));
  ({ visitor: admin, email: adminEmail } = await member('admin'));
  mailReceiver.mails.length = 0;
});
afterEach(() => receiver.close());

describe('a receiver that answers 410', () => {
  it('has its webhook switched off: the admins get a mail, the portal a notice, and what is due waits', async () => {
    const { email: otherAdmin } = await member('admin');
    const { visitor: developer } = await member('developer');
    const { visitor: viewer } = await member('viewer');
    const waiting = await deliveryThatFails(410);
    await switchedOff();

    const mails = await mailReceiver.received(2);
    expect(mails.map(({ to }) => to).toSorted()).toEqual([adminEmail, otherAdmin].toSorted());
    expect(mails[0]!.mail.subject).toBe(`The webhook “${webhook.name}” was switched off`);
    expect(mails[0]!.mail.text).toContain('answered 410 Gone: it wants no more calls.');
    expect(mails[0]!.mail.text).toContain(`${web.url}/webhooks/${webhook.id}`);

    for (const visitor of [admin, developer]) {
      const { text } = await visitor.get('/dashboard').expect(200);
      expect(text).toContain(`The webhook “${webhook.name}” was switched off on`);
      expect(text).toContain(`href="/webhooks/${webhook.id}"`);
    }
    expect((await viewer.get('/dashboard').expect(200)).text).not.toContain('was switched off on');
    expect(await dueOf(web, waiting)).toMatchObject([{ number: 2, spent: 1, claimed: false }]);
    const { text: trail } = await admin.get('/audit').expect(200);
    expect(trail).toContain('Webhook switched off by itself');
  });

  it('of a survey webhook of Preferences is only told of, once', async () => {
    await web.pool.query('update webhook set request = request || $2, enabled = true where id = $1', [
      built.webhook.id,
      { url: receiver.url('/survey') },
    ]);
    await web.pool.query('update webhook set deleted_at = now(), enabled = false where id = $1', [webhook.id]);
    receiver.answer = 410;
    await attempted(web, await newDelivery(web, built), 1);
    const [{ mail }] = (await mailReceiver.received(1)) as [MailReceiver['mails'][number]];
    expect(mail.subject).toBe('The webhook “Transactional survey webhook” is in trouble');
    expect(mail.text).toContain('It stays on and keeps to its schedule');
    await attempted(web, await newDelivery(web, built), 1);
    await theSwitchOffToComeRound();

    expect(await mailsAbout('Transactional survey webhook')).toBe(1);
    expect(receiver.requests).toHaveLength(2);
    const { text } = await admin.get('/responses').expect(200);
    expect(text).toContain('The webhook “Transactional survey webhook” is in trouble.');
    const { text: preferences } = await admin.get('/preferences/integration').expect(200);
    expect(preferences).toContain('Its receiver answered 410: it wants no more calls.');

    receiver.answer = 200;
    await attempted(web, await newDelivery(web, built), 1);
    await eventually(async () => !(await admin.get('/responses').expect(200)).text.includes('is in trouble'));
  });
});

describe('a webhook whose attempts have all failed', () => {
  it.each([
    ['five days', '5 days 1 second', true],
    ['less', '4 days 23 hours', false],
  ])('for %s', async (_what, ago, isSwitchedOff) => {
    await deliveryThatFails(500);
    await web.pool.query(
      `update webhook_trouble set failing_since = now() - $2::interval, last_failed_at = now() - $2::interval where webhook_id = $1`,
      [webhook.id, ago],
    );
    await theSwitchOffToComeRound();
    expect((await stateOf(webhook)).enabled).toBe(true);

    await deliveryThatFails(500);
    if (isSwitchedOff) {
      expect(await switchedOff()).toMatchObject({ switched_off_because: 'failing' });
      const mail = await eventually(
        () => mailReceiver.mails.find(({ mail: { subject } }) => subject?.includes(webhook.name)),
        20_000,
      );
      expect(mail.mail.text).toMatch(/Every attempt since \d+ \w+ \d{4}, \d\d:\d\d \S+ failed\./);
    } else {
      await theSwitchOffToComeRound();
      expect((await stateOf(webhook)).enabled).toBe(true);
    }
  });

  it('begins anew with a success', async () => {
    await deliveryThatFails(500);
    await web.pool.query(
      `update webhook_trouble set failing_since = failing_since - interval '6 days', last_failed_at = last_failed_at - interval '6 days'`,
    );
    await deliveryThatFails(200);
    await deliveryThatFails(500);
    await theSwitchOffToComeRound();
    expect((await stateOf(webhook)).enabled).toBe(true);
  });
});

describe('the page of a webhook', () => {
  it('says what it does and how it is doing, switches it on again, and offers what it missed', async () => {
    const waiting = await deliveryThatFails(410);
    await switchedOff();
    const { text: off } = await admin.get(`/webhooks/${webhook.id}`).expect(200);
    expect(off).toContain('It was switched off automatically on');
    expect(off).toContain('Leave it off');
    await answer(web, built.survey, await buildInvitation(web, built.survey));
    await eventually(async () => (await web.pool.query('select 1 from event_pending limit 1')).rows.length === 0);

    receiver.answer = 200;
    const { headers } = await admin.post(`/webhooks/${webhook.id}/switch`, { enabled: 'on' });
    expect(headers.location).toBe(`/webhooks/${webhook.id}`);
    const { text: on } = await admin.get(`/webhooks/${webhook.id}`).expect(200);
    expect(on).toContain('The webhook was off from');
    expect(on).not.toContain('data-notice');
    expect(on).toContain('/redeliveries?kind');
    const offer = `/redeliveries?kind=missed&webhook=${webhook.id}`;
    expect((await admin.get(offer).expect(200)).text).toContain('1 missed event would be delivered');
    // What was due goes on where it was.
    await web.pool.query('update due_attempt set due_at = clock_timestamp() where webhook_id = $1', [webhook.id]);
    await attempted(web, waiting, 2);
    expect(await deliveryOf(web, waiting)).toMatchObject({ status: 'succeeded', automatic_attempts: 2 });
  });

  it('takes note when somebody leaves it off', async () => {
    await deliveryThatFails(410);
    await switchedOff();
    await admin.post(`/webhooks/${webhook.id}/switch`, { enabled: 'off' });
    expect(await stateOf(webhook)).toMatchObject({ enabled: false, switched_off_at: null });
    expect((await admin.get('/dashboard').expect(200)).text).not.toContain('data-notice');
  });

  it('says that the circuit is open', async () => {
    await web.pool.query('update webhook set policy = policy || $2 where id = $1', [
      webhook.id,
      { circuit: { failures: 2, probeSeconds: 3_600 } },
    ]);
    await deliveryThatFails(500);
    const failed = await deliveryThatFails(500);
    await newDelivery(web, { survey: built.survey, webhook });
    const { text } = await admin.get(`/webhooks/${webhook.id}`).expect(200);
    expect(text).toContain('Its circuit is open. The last 2 attempts of the webhook failed');
    const { text: dashboard } = await admin.get('/dashboard').expect(200);
    expect(dashboard).toContain('Its circuit is open. The last 2 attempts of the webhook failed');
    const { text: entry } = await admin.get(`/webhook-log/${failed.toString(16).padStart(13, '0')}`).expect(200);
    expect(entry).toContain('Waits because its circuit is open');
  });

  it('is not there for another organisation, nor of what is no webhook; a survey webhook has its own', async () => {
    const { visitor } = await member('admin', (await buildOrganisation(web, null)).organisation.id);
    await visitor.get(`/webhooks/${webhook.id}`).expect(404);
    expect((await visitor.post(`/webhooks/${webhook.id}/switch`, { enabled: 'off' })).status).toBe(404);
    await admin.get('/webhooks/0').expect(404);
    await admin.get('/webhooks/x').expect(404);
    const { headers } = await admin.get(`/webhooks/${built.webhook.id}`).expect(303);
    expect(headers.location).toBe('/preferences/integration');
    expect((await admin.post(`/webhooks/${built.webhook.id}/switch`, { enabled: 'on' })).status).toBe(409);
  });

  it('switches nothing on without a URL or on the Basic plan, and takes no other word', async () => {
    await switchWebhook(web, webhook.id, false);
    expect((await admin.post(`/webhooks/${webhook.id}/switch`, { enabled: 'maybe' })).status).toBe(422);
    await web.pool.query(`update webhook set request = request || '{"url": null}' where id = $1`, [webhook.id]);
    expect((await admin.post(`/webhooks/${webhook.id}/switch`, { enabled: 'on' })).status).toBe(409);
    await web.pool.query(`update organisation set plan = 'basic' where id = $1`, [built.organisation.id]);
    expect((await admin.post(`/webhooks/${webhook.id}/switch`, { enabled: 'on' })).status).toBe(403);
    expect((await stateOf(webhook)).enabled).toBe(false);
  });
});

async function member(
  role: Role,
  organisationId = built.organisation.id,
): Promise<{ visitor: Visitor; email: string }> {
  const { email, password } = await buildMember(web, { organisationId, role });
  return { visitor: await signIn(web, email, password), email };
}

/** A new answer, sent to a receiver that answers so. */
async function deliveryThatFails(status: number): Promise<number> {
  receiver.answer = answers.with(status, '');
  const before = await failuresInARow();
  const id = await newDelivery(web, { survey: built.survey, webhook });
  await attempted(web, id, 1);
  // Noted a moment after the attempt is in the log.
  await eventually(async () => (await failuresInARow()) === (status === 200 ? 0 : before + 1));
  return id;
}

async function failuresInARow(): Promise<number> {
  const { rows } = await web.pool.query<{ failures: number }>(
    'select failures from webhook_trouble where webhook_id = $1',
    [webhook.id],
  );
  return rows[0]?.failures ?? 0;
}

async function stateOf({ id }: Webhook) {
  const { rows } = await web.pool.query<{
    enabled: boolean;
    switched_off_at: Date | null;
    switched_off_because: string | null;
  }>('select enabled, switched_off_at, switched_off_because from webhook where id = $1', [id]);
  return rows[0]!;
}

async function switchedOff() {
  return eventually(async () => {
    const state = await stateOf(webhook);
    return !state.enabled && state;
  });
}

/** Another webhook that is switched off says that everything before was looked at. */
async function theSwitchOffToComeRound(): Promise<void> {
  const witness = await buildApiWebhook(web, built, receiver.url('/witness'));
  await web.pool.query(
    `insert into webhook_trouble (webhook_id, organisation_id, failing_since, last_failed_at, failures, gone_at)
     values ($1, $2, now(), now(), 1, now())`,
    [witness.id, built.organisation.id],
  );
  await eventually(async () => !(await stateOf(witness)).enabled);
  await web.pool.query('update webhook set deleted_at = now() where id = $1', [witness.id]);
}

async function mailsAbout(name: string): Promise<number> {
  const { rows } = await web.pool.query<{ count: number }>(
    'select count(*)::integer as count from mail where organisation_id = $1 and strpos(subject, $2) > 0',
    [built.organisation.id, name],
  );
  return rows[0]!.count;
}
