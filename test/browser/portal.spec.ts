import type { Browser, Page } from 'playwright-core';
import { demoSurveyLink, prepareFirstStart } from '../../src/first-start.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { openBrowser, openPage, PHONE, signInOn } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { startWeb, type TestWeb } from '../support/web.js';

const ADMIN = { email: 'admin@democorp.example', password: 'a password of the browser test' };

let database: TestDatabase;
let web: TestWeb;
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  database = await createTestDatabase();
  web = await startWeb(database, { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password });
  await prepareFirstStart(web.context);
});
afterEach(async () => {
  await web?.close();
  await database?.drop();
});

async function answerOnPhone(javaScriptEnabled: boolean, score: number): Promise<void> {
  const { page } = await openPage(browser, { ...PHONE, javaScriptEnabled });
  await page.goto((await demoSurveyLink(web.context))!);
  await page.locator('.scores label', { hasText: new RegExp(`^\\s*${score}\\s*$`) }).tap();
  await page.getByRole('button', { name: /send/i }).tap();
  await page.waitForURL(/thank-you/);
  await page.context().close();
}

async function setReceiver(page: Page, answer: 'ok' | 'error'): Promise<void> {
  await page.goto(`${web.url}/receiver`);
  await page.locator(`input[name=answer][value=${answer}]`).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').first().waitFor();
}

/** What a person sees who looks again where no script looks for them. */
async function shows(page: Page, text: RegExp, reload: boolean): Promise<void> {
  await eventually(async () => {
    if (reload) {
      // While a pressed button's own page is still on its way, there is nothing to load again: that page is looked at.
      await page.reload().catch(() => page.waitForLoadState());
    }
    return text.test((await page.locator('main').textContent()) ?? '');
  }, 60_000);
}

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('a newcomer %s', (_how, javaScriptEnabled) => {
  test('signs in, looks at Integration, sends a test and finds it in the log', async () => {
    const { page, complaints } = await openPage(browser, { javaScriptEnabled });
    await signInOn(page, web.url, ADMIN);
    await page.goto(`${web.url}/preferences/integration`);
    expect(await page.locator('main').textContent()).toMatch(/up to 5 times over 75 minutes/);
    await page
      .getByRole('button', { name: /send test/i })
      .first()
      .click();
    await shows(page, /The test arrived/, !javaScriptEnabled);
    await page
      .getByRole('link', { name: /webhook log/i })
      .last()
      .click();
    await page.waitForURL(/webhook-log\/[0-9a-f]{13}/);
    expect(await page.locator('main').textContent()).toMatch(/Succeeded/);
    expect(await page.locator('main').textContent()).toMatch(/Test/);
    expect(complaints).toEqual([]);
  });

  test('has an answer fail at the receiver, sees the retry, and resends it', async () => {
    const { page, complaints } = await openPage(browser, { javaScriptEnabled });
    await signInOn(page, web.url, ADMIN);
    await setReceiver(page, 'error');
    await page.goto(`${web.url}/webhook-log`);
    await answerOnPhone(javaScriptEnabled, 9);
    await shows(page, /INC123456/, !javaScriptEnabled);
    await shows(page, /500/, !javaScriptEnabled);
    await page.locator('main tbody a').first().click();
    await page.waitForURL(/webhook-log\/[0-9a-f]{13}/);
    await shows(page, /The receiver answered 500/, !javaScriptEnabled);
    expect(await page.locator('main').textContent()).toMatch(/In Progress/);
    expect(await page.locator('main').textContent()).toMatch(/Due in/);
    const entry = page.url();

    await setReceiver(page, 'ok');
    await page.goto(entry);
    await page.getByRole('button', { name: 'Resend Webhook' }).click();
    await shows(page, /Succeeded/, !javaScriptEnabled);
    expect(await page.locator('main').textContent()).toMatch(/by hand/);
    expect(complaints).toEqual([]);
  });
});
