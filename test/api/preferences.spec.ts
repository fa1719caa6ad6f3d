import { createApiKey } from '../../src/accounts/create-api-key.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { answer, buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receivers.js';
import { startWeb, type TestWeb } from '../support/web.js';

let database: TestDatabase;
let web: TestWeb;
let receiver: Receiver;
let demo: TestOrganisation;
let key: string;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database);
  receiver = await startReceiver();
});
afterAll(async () => {
  await web?.close();
  await receiver?.close();
  await database?.drop();
});
beforeEach(async () => {
  demo = await buildOrganisation(web, null);
  key = await createApiKey(web.orm.em.fork(), demo.organisation.id, 'test');
  receiver.requests.length = 0;
});

const PATH = 'integration-preferences/transactional';

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function api(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${web.url}/api/v1/${path}`, {
    method,
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('the survey webhook\u2019s preferences', () => {
  test('start switched off and empty, for each listening post', async () => {
    for (const listeningPost of ['transactional', 'relationship']) {
      expect(await api('GET', `integration-preferences/${listeningPost}`)).toEqual({
        status: 200,
        body: { enabled: false, url: null, username: null, hasPassword: false, serviceNowWrapper: false },
      });
    }
    expect(await api('GET', 'integration-preferences/other')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
  });

  test('an omitted key keeps, null clears, and the password never comes back', async () => {
    const all = { enabled: true, url: receiver.url('/a'), username: 'answer', password: 'canary-Passwort-ü' };
    const expected = { enabled: true, url: receiver.url('/a'), username: 'answer', hasPassword: true };
    const saved = await api('PUT', PATH, { ...all, serviceNowWrapper: true });
    expect(saved).toEqual({ status: 200, body: { ...expected, serviceNowWrapper: true } });
    expect(await api('PUT', PATH, {})).toEqual(saved);
    expect(await api('PUT', PATH, { serviceNowWrapper: false })).toMatchObject({ body: { ...expected } });
    expect(await api('PUT', PATH, { password: null })).toMatchObject({
      body: { username: 'answer', hasPassword: false },
    });
    expect(await api('PUT', PATH, { username: null, enabled: false, url: null })).toMatchObject({
      status: 200,
      body: { enabled: false, url: null, username: null },
    });
  });

  test('accept what they answer', async () => {
    await api('PUT', PATH, { enabled: true, url: receiver.url(), username: 'u', password: 'p' });
    const { body } = await api('GET', PATH);
    expect(await api('PUT', PATH, body)).toEqual({ status: 200, body });
  });

  test('keep the password encrypted', async () => {
    await api('PUT', PATH, { password: 'canary-Passwort-ü' });
    const { rows } = await web.pool.query<{ password_encrypted: string }>(
      'select password_encrypted from webhook_authorization',
    );
    expect(JSON.stringify(rows)).not.toContain('canary');
    expect(rows.at(-1)!.password_encrypted).toMatch(/^v1\./);
  });

  test.each([
    ['another host', () => 'https://hooks.example.com/a'],
    ['another port', () => receiver.url('/a').replace(/:\d+/, ':8080')],
    ['another scheme', () => receiver.url('/a').replace('http:', 'https:')],
  ])('keep the saved password from %s, also by way of no URL', async (_what, elsewhere) => {
    await api('PUT', PATH, { url: receiver.url('/a'), username: 'u', password: 'canary' });
    const refused = { status: 422, body: { code: 'invalid_field', field: 'password' } };
    expect(await api('PUT', PATH, { url: elsewhere() })).toMatchObject(refused);
    expect(await api('GET', PATH)).toMatchObject({ body: { url: receiver.url('/a'), hasPassword: true } });
    expect(await api('PUT', PATH, { url: receiver.url('/b') })).toMatchObject({ status: 200 });
    expect(await api('PUT', PATH, { url: null })).toMatchObject({ status: 200, body: { hasPassword: true } });
    expect(await api('PUT', PATH, { url: elsewhere() })).toMatchObject(refused);
    expect(await api('PUT', PATH, { url: elsewhere(), password: 'new' })).toMatchObject({ status: 200 });
    expect(await api('PUT', PATH, { url: receiver.url(), password: null })).toMatchObject({
      status: 200,
      body: { hasPassword: false },
    });
  });

  test.each([
    ['on without a URL', { enabled: true }, 'url'],
    ['a private address', { url: 'http://10.0.0.5/hook' }, 'url'],
    ['a number for an address', { url: 'http://2852039166/' }, 'url'],
    ['credentials in the URL', { url: 'https://u:p@example.com/' }, 'url'],
    ['another scheme', { url: 'ftp://example.com/' }, 'url'],
    ['no URL at all', { url: 'hooks' }, 'url'],
    ['a colon in the username', { username: 'a:b' }, 'username'],
    ['a line break in the password', { password: 'a\nb' }, 'password'],
    ['half a character in the password', { password: '\ud800' }, 'password'],
    ['a text for a switch', { enabled: 'yes' }, 'enabled'],
  ])('refuse %s with 422 and the field, and change nothing', async (_what, change, field) => {
    const answered = await api('PUT', PATH, change);
    expect(answered).toMatchObject({ status: 422, body: { code: 'invalid_field', field } });
    expect(String(answered.body.message).length).toBeGreaterThan(10);
    expect(await api('GET', PATH)).toMatchObject({ body: { enabled: false, url: null } });
  });

  test('refuse a field that they do not have', async () => {
    expect(await api('PUT', PATH, { enabled: false, uri: 'x' })).toMatchObject({
      status: 422,
      body: { code: 'unknown_field', field: 'uri' },
    });
  });

  test('save a name that cannot be resolved now, with a warning', async () => {
    const answered = await api('PUT', PATH, { url: 'https://no-such-host.invalid/hook' });
    expect(answered).toMatchObject({ status: 200, body: { url: 'https://no-such-host.invalid/hook' } });
    expect(answered.body.warning).toEqual(expect.any(String));
    expect((await api('GET', PATH)).body).not.toHaveProperty('warning');
  });

  test('belong to the Corporate and Enterprise plans', async () => {
    await web.pool.query(`update organisation set plan = 'basic' where id = $1`, [demo.organisation.id]);
    expect(await api('PUT', PATH, { url: receiver.url() })).toMatchObject({
      status: 403,
      body: { code: 'plan_without_webhooks' },
    });
    expect(await api('POST', `${PATH}/test-deliveries`)).toMatchObject({ status: 403 });
    expect(await api('GET', PATH)).toMatchObject({ status: 200 });
  });

  test('decide what the next answer does', async () => {
    await api('PUT', PATH, { enabled: true, url: receiver.url('/hook'), username: 'jürgen', password: 'pässword' });
    await answer(web, demo.survey, await buildInvitation(web, demo.survey));
    await receiver.received(1);
    expect(receiver.requests[0]).toMatchObject({ path: '/hook' });
    expect(receiver.requests[0]!.headers.authorization).toBe(
      `Basic ${Buffer.from('jürgen:pässword', 'utf8').toString('base64')}`,
    );
  });
});

describe('a test delivery', () => {
  test('goes through the log, marked as a test, while the webhook is off', async () => {
    await api('PUT', PATH, { url: receiver.url(), serviceNowWrapper: true });
    const { status, body } = await api('POST', `${PATH}/test-deliveries`);
    expect(status).toBe(202);
    await receiver.received(1);
    const sent = receiver.requests[0]!.body.toString();
    expect(sent.startsWith('{"sysparm_quantity":"1","variables":{"Webhook_ID":"')).toBe(true);
    expect(sent).toContain(String(body.webhookId));
    const entry = await eventually(async () => {
      const { body: delivery } = await api('GET', `deliveries/${body.webhookId as string}`);
      return delivery.status === 'succeeded' && delivery;
    });
    expect(entry).toMatchObject({ test: true, attemptCount: 1, payload: sent });
  });

  test('of the relationship survey says so', async () => {
    const path = 'integration-preferences/relationship';
    await api('PUT', path, { url: receiver.url() });
    const { body } = await api('POST', `${path}/test-deliveries`);
    await receiver.received(1);
    expect(await api('GET', `deliveries/${body.webhookId as string}`)).toMatchObject({
      body: { listeningPost: 'relationship', test: true },
    });
  });

  test('needs a URL', async () => {
    expect(await api('POST', `${PATH}/test-deliveries`)).toMatchObject({ status: 409, body: { code: 'no_url' } });
  });
});

describe('invitations', () => {
  test('give a link, and the same link for the same ticket, with its details brought up to date', async () => {
    const ticket = {
      ticketId: 'INC1',
      supportGroupCode: 'SDESK',
      customer: 'carole',
      expiresAt: '2099-01-01T00:00:00Z',
    };
    const first = await api('POST', 'invitations', { ...ticket, agentId: 'adam' });
    expect(first).toMatchObject({ status: 201, body: { ticketId: 'INC1', language: 'en' } });
    expect(first.body.link).toMatch(/\/s\/[A-Za-z0-9_-]{32}$/);
    const again = await api('POST', 'invitations', { ticketId: 'INC1', supportGroupCode: 'NETOPS', segmentCode: 'NZ' });
    expect(again).toEqual({ status: 200, body: first.body });
    const { rows } = await web.pool.query('select * from invitation where organisation_id = $1', [
      demo.organisation.id,
    ]);
    expect(rows).toEqual([
      expect.objectContaining({
        support_group_code: 'NETOPS',
        agent_id: 'adam',
        customer_id: 'carole',
        segment_code: 'NZ',
      }),
    ]);
    expect((await fetch(first.body.link as string)).status).toBe(200);
  });

  test.each([
    ['ticketId', {}],
    ['ticketId', { ticketId: ' ' }],
    ['ticketId', { ticketId: 'x'.repeat(256) }],
    ['supportGroupCode', { supportGroupCode: 7 }],
    ['customerEmail', { customerEmail: 'nobody' }],
    ['language', { language: 'xx-nonsense-language' }],
    ['expiresAt', { expiresAt: 'tomorrow' }],
    ['expiresAt', { expiresAt: '2001-01-01T00:00:00Z' }],
    ['expiresAt', { expiresAt: '9999-12-31T23:59:59-23:59' }],
    ['survey', { survey: 'nope' }],
  ])('refuse a wrong %s', async (field, change) => {
    const sound = field === 'ticketId' ? {} : { ticketId: 'INC1' };
    const answered = await api('POST', 'invitations', { supportGroupCode: 'SDESK', ...sound, ...change });
    expect(answered).toMatchObject({ status: 422, body: { code: 'invalid_field', field } });
  });

  test.each(['a\0b', 'a\ud800', 'a\uFFFD'])(
    'refuse the damaged ticket id %j, which might stand for another',
    async (ticketId) => {
      expect(await api('POST', 'invitations', { ticketId, supportGroupCode: 'SDESK' })).toMatchObject({
        status: 422,
        body: { field: 'ticketId' },
      });
    },
  );

  test('clear by null and keep what is left out', async () => {
    const ticket = { ticketId: 'INC1', supportGroupCode: 'SDESK' };
    await api('POST', 'invitations', { ...ticket, agentId: 'adam', customerEmail: 'c@example.com' });
    await api('POST', 'invitations', { ...ticket, agentId: null, language: null, survey: null });
    const { rows } = await web.pool.query(
      'select agent_id, customer_email from invitation where organisation_id = $1',
      [demo.organisation.id],
    );
    expect(rows).toEqual([{ agent_id: '', customer_email: 'c@example.com' }]);
  });
});

test('surveys give the ticket system\u2019s link to fill in', async () => {
  const { body } = await api('GET', 'surveys');
  const [survey] = body.surveys as { ticketLinkTemplate: string; code: string }[];
  const filled = survey!.ticketLinkTemplate
    .replace('{tid}', 'INC9')
    .replace('{rgid}', 'SDESK')
    .replaceAll(/\{\w+\}/g, '');
  const page = await fetch(filled);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('INC9');
});

describe('responses', () => {
  test('come newest first, in pages, and by filter', async () => {
    for (const overall of [0, 5, 9]) {
      await answer(web, demo.survey, await buildInvitation(web, demo.survey, { agentId: `agent${overall}` }), {
        overall,
      });
    }
    const first = await api('GET', 'responses?limit=2');
    expect((first.body.responses as { overall: number }[]).map((response) => response.overall)).toEqual([9, 5]);
    const second = await api('GET', `responses?limit=2&cursor=${first.body.nextCursor as string}`);
    expect(second.body).toMatchObject({ responses: [{ overall: 0, band: 'detractor' }], nextCursor: null });
    expect(await api('GET', 'responses?agentId=agent5')).toMatchObject({ body: { responses: [{ overall: 5 }] } });
    expect(await api('GET', 'responses?completedFrom=2099-01-01T00:00:00Z')).toMatchObject({ body: { responses: [] } });
  });

  test.each([
    'limit=0',
    'limit=x',
    'limit=201',
    'cursor=-1',
    'cursor=abc',
    'completedFrom=x',
    'nope=1',
    'completedFrom=0000-01-01T00:00:00Z',
    'completedFrom=0000-01-01T00:00:00%2B23:59',
    'completedTo=9999-12-31T23:59:59-23:59',
    'agentId=a&agentId=b',
  ])('refuse %s', async (query) => {
    expect((await api('GET', `responses?${query}`)).status).toBe(422);
  });
});
