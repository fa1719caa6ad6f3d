import type { Browser, Page } from 'playwright-core';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { openBrowser, openPage } from '../support/browser.js';
import { comeDue, holding } from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
import { attemptedDelivery, buildWatched, type Watched } from '../support/log-journey.js';
import { startReceiver, type Receiver } from '../support/receivers.js';
import { buildMember, startWeb, type TestWeb } from '../support/web.js';

let database: TestDatabase;
let web: TestWeb;
let browser: Browser;
let receiver: Receiver;
let watched: Watched;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await web?.close();
  await database?.drop();
});
beforeEach(async () => {
  receiver = await startReceiver();
  watched = await buildWatched(web, receiver.url('/hook'));
  ({ page, complaints } = await openPage(browser));
  // After a look that took a second the page waits for twenty.
  page.setDefaultTimeout(60_000);
  await signInWith(await buildMember(web, { organisationId: watched.organisation.id, role: 'developer' }));
});
afterEach(async () => {
  await page?.context().close();
  await receiver?.close();
  expect(complaints).toEqual([]);
});

test('new rows and changes appear by themselves, and take neither focus nor anything else away', async () => {
  await page.goto(`${web.url}/webhook-log`);
  expect(await page.textContent('main')).toContain('No webhook has been called yet');
  receiver.answer = 503;
  const first = await attemptedDelivery(web, watched);
  await page.waitForSelector(`tr[data-key="${first}"] [data-new]`);

  await page.focus(`tr[data-key="${first}"] .id`);
  const second = await attemptedDelivery(web, watched);
  await page.waitForSelector(`tr[data-key="${second}"] [data-new]`);
  expect(await page.textContent('[data-news]')).toBe(`Webhook ${second}: In Progress`);

  receiver.answer = 200;
  await comeDue(web, Number.parseInt(first, 16));
  await page.waitForSelector(`tr[data-key="${first}"] [data-status].state-ok`);
  expect(await page.textContent('[data-news]')).toBe(`Webhook ${first}: Succeeded`);
  expect(await page.evaluate('document.activeElement.textContent')).toBe(first);
  expect(await page.getAttribute(`tr[data-key="${first}"] time`, 'title')).toMatch(/, your time$/);
  expect(await keys()).toEqual([second, first]);
});

test('the next attempt counts down, and what comes of Resend appears below what is open', async () => {
  receiver.answer = 503;
  const id = await attemptedDelivery(web, watched);
  await page.goto(`${web.url}/webhook-log/${id}`);
  const counted = await page.textContent('[data-countdown]');
  await eventually(async () => (await page.textContent('[data-countdown]')) !== counted);
  expect(await page.textContent('[data-countdown]')).toMatch(/^in 4 min \d+ s$/);

  const { answer, letGo } = holding(200);
  receiver.answer = answer;
  await page.click('[data-part="resend"] button');
  await page.waitForSelector('main .alert-success');
  expect(await page.isDisabled('[data-part="resend"] button')).toBe(true);
  letGo();
  await page.click('[data-attempt="1"] summary');
  await page.waitForSelector('[data-attempt="2"]');
  expect(await page.getAttribute('[data-attempt="1"] > details', 'open')).toBe('');
  expect(await page.textContent('[data-part="status"]')).toContain('Succeeded');
  expect(await page.textContent('[data-part="next"]')).toContain('nothing more is due');
  expect(await page.isEnabled('[data-part="resend"] button')).toBe(true);
  expect(await page.textContent('[data-news]')).toContain('Attempt 2: The receiver accepted it.');
});

test('payload and curl command are copied exactly', async () => {
  const id = await attemptedDelivery(web, watched, { comments: `It's "fine"\n<b>` });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${web.url}/webhook-log/${id}`);
  const copied = () => page.evaluate<string>('navigator.clipboard.readText()');
  const payload = receiver.requests[0]!.body.toString();
  await page.click('text="Copy exactly as sent"');
  await eventually(async () => (await copied()) === payload);
  expect(await page.textContent('[data-news]')).toContain('Copied');

  await page.click('[data-attempt="1"] summary');
  await page.click('text="Copy as curl"');
  await eventually(async () => (await copied()).includes(payload.replaceAll("'", String.raw`'\''`)));
});

test('a page whose member was signed out stops, and says so', async () => {
  await page.goto(`${web.url}/webhook-log`);
  await page.context().clearCookies();
  await page.waitForSelector('text="Load the page again"');
  expect(await page.textContent('[data-live-words]')).toContain('You may have been signed out. Updates have stopped.');
});

test('a filter that is not set is not in the address', async () => {
  await page.goto(`${web.url}/webhook-log`);
  await page.selectOption('[name="status"]', 'failed');
  await page.click('[data-filters] button');
  await page.waitForURL(`${web.url}/webhook-log?status=failed`);
});

async function signInWith({ email, password }: { email: string; password: string }): Promise<void> {
  await page.goto(`${web.url}/sign-in?returnTo=%2Fwebhook-log`);
  await page.fill('[name="email"]', email);
  await page.fill('[name="password"]', password);
  await page.click('main button');
  await page.waitForURL(`${web.url}/webhook-log`);
}

async function keys(): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('tr[data-key]')].map((row) => row.dataset.key)`);
}
