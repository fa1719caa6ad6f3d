import { Keyring } from '../../src/config/keyring.js';
import { linkPath } from '../../src/invitations/invitation-link.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { buildInvitation } from '../support/factories.js';
import { buildWatched, changeWebhook } from '../support/log-journey.js';
import { startWeb, Visitor, type TestWeb } from '../support/web.js';

let database: TestDatabase;
let web: TestWeb;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database, { DELIVERY_ALLOWED_NETWORKS: '' });
});
afterAll(async () => {
  await web?.close();
  await database?.drop();
});

test('an answer goes from the survey to the log, and from there again by Resend Webhook', async () => {
  const watched = await buildWatched(web, null);
  const url = `${web.url}/receiver/${watched.organisation.portalCode}`;
  await changeWebhook(web, watched, { enabled: true, request: { ...watched.webhook.request, url } });
  const invitation = await buildInvitation(web, watched.survey, { ticketId: 'INC123456' });

  const survey = linkPath(web.context.get(Keyring), invitation);
  const customer = new Visitor(web).agent;
  await customer.get(survey).expect(200);
  await customer
    .post(survey)
    .type('form')
    .send({ overall: '9', factors: 'Knowledge', comments: 'You rock!' })
    .expect(303);

  const logged = async () => (await watched.member.get('/webhook-log').expect(200)).text;
  await eventually(async () => (await logged()).includes('Succeeded'));
  const [, webhookId] = /<tr [^>]*data-key="(\w+)"/.exec(await logged())!;
  expect(await logged()).toContain('Ticket INC123456');

  const entry = await watched.member.get(`/webhook-log/${webhookId}`).expect(200);
  expect(entry.text).toContain('&quot;Comments&quot;:&quot;You rock!&quot;');
  const [, action] = /<form [^>]*action="([^"]+)" data-part="resend"/.exec(entry.text)!;
  expect((await watched.member.post(action!)).status).toBe(303);

  await eventually(async () => (await logged()).includes('>1 + 1 manual<'));
  const { text: arrived } = await watched.member.get('/receiver').expect(200);
  expect(arrived).toContain('2 calls, newest first.');
  expect(arrived.split(`<dd>${webhookId}</dd>`)).toHaveLength(3);
});
