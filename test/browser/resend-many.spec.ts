import type { Browser } from 'playwright-core';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { openBrowser, openPage, PHONE, signInOn } from '../support/browser.js';
import { attempted, deliveryOf, newDelivery } from '../support/deliveries.js';
import { buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { startReceiver, type Receiver } from '../support/receivers.js';
import { buildMember, startWeb, type TestWeb } from '../support/web.js';

let database: TestDatabase;
let web: TestWeb;
let browser: Browser;
let receiver: Receiver;
let demo: TestOrganisation;
let member: { email: string; password: string };

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database);
  browser = await openBrowser();
  receiver = await startReceiver({ answer: 503 });
  demo = await buildOrganisation(web, receiver.url('/hook'));
  member = await buildMember(web, { organisationId: demo.organisation.id });
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await web?.close();
  await receiver?.close();
  await database?.drop();
});

it('on a phone, two deliveries are selected in the log and sent again, while the log brings itself up to date', async () => {
  const ids = [await newDelivery(web, demo), await newDelivery(web, demo), await newDelivery(web, demo)];
  for (const id of ids) await attempted(web, id, 1);
  const { page, complaints } = await openPage(browser, PHONE);
  // After a look that took a second the log waits for twenty.
  page.setDefaultTimeout(60_000);
  await signInOn(page, web.url, member);
  await page.goto(`${web.url}/webhook-log`);
  for (const id of ids.slice(0, 2)) await page.getByLabel(`Select webhook ${webhookIdOf(id)}`).check();
  // A row that changes keeps its mark.
  receiver.answer = 200;
  const arrived = await newDelivery(web, demo);
  await page.locator(`[data-key="${webhookIdOf(arrived)}"]`).waitFor();
  await web.pool.query('update delivery set last_response = $2 where id = $1', [ids[0], 'changed meanwhile']);
  await page.getByText('changed meanwhile').waitFor();
  await page.getByRole('button', { name: 'Resend selected…' }).click();
  await page.getByRole('heading', { name: '2 deliveries would be sent again' }).waitFor();
  await page.getByRole('button', { name: 'Send 2 deliveries again' }).click();
  await page.getByText('2 of 2 sent again').waitFor();

  for (const id of ids.slice(0, 2)) {
    await attempted(web, id, 2);
    expect((await deliveryOf(web, id)).status).toBe('succeeded');
  }
  expect((await deliveryOf(web, ids[2]!)).manual_attempts).toBe(0);
  expect(complaints).toEqual([]);
  await page.context().close();
}, 60_000);
