import type { Browser, Locator, Page } from 'playwright-core';
import { Keyring } from '../../src/config/keyring.js';
import { linkPath } from '../../src/invitations/invitation-link.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { accessibilityProblems, openBrowser, openPage, overflow, PHONE } from '../support/browser.js';
import { buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { startWeb, type TestWeb } from '../support/web.js';

let database: TestDatabase;
let web: TestWeb;
let browser: Browser;
let demo: TestOrganisation;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database);
  browser = await openBrowser();
  demo = await buildOrganisation(web, null);
});
afterAll(async () => {
  await browser?.close();
  await web?.close();
  await database?.drop();
});

async function newLink(): Promise<string> {
  return `${web.url}${linkPath(web.context.get(Keyring), await buildInvitation(web, demo.survey))}`;
}

/** A person touches the number, not the hidden circle beside it. */
function score(page: Page, value: number): Locator {
  return page.locator('.scores label', { hasText: new RegExp(`^\\s*${value}\\s*$`) });
}

async function lastResponse(): Promise<Record<string, unknown>> {
  const { rows } = await web.pool.query('select overall, factors, comments from response order by id desc limit 1');
  return rows[0]!;
}

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('the survey on a phone %s', (_how, javaScriptEnabled) => {
  test('is answered by touch and thanks', async () => {
    const { page, complaints } = await openPage(browser, { ...PHONE, javaScriptEnabled });
    await page.goto(await newLink());
    await score(page, 3).tap();
    await page.getByLabel('Speed').tap();
    await page.getByLabel(/optional/).fill('Too slow.\nReally.');
    await page.getByRole('button', { name: /send/i }).tap();
    await page.waitForURL(/thank-you/);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Thank you');
    expect(await lastResponse()).toEqual({ overall: 3, factors: ['Speed'], comments: 'Too slow.\nReally.' });
    expect(complaints).toEqual([]);
  });

  test('asks for the score that is missing and keeps what was typed', async () => {
    const { page } = await openPage(browser, { ...PHONE, javaScriptEnabled });
    await page.goto(await newLink());
    await page.getByLabel(/optional/).fill('Typed already');
    await page.getByRole('button', { name: /send/i }).tap();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').isVisible()).toBe(true);
    expect(await page.getByLabel(/optional/).inputValue()).toBe('Typed already');
    await score(page, 10).tap();
    await page.getByRole('button', { name: /send/i }).tap();
    await page.waitForURL(/thank-you/);
    expect(await lastResponse()).toMatchObject({ overall: 10, comments: 'Typed already' });
  });
});

test('the question about factors follows the score', async () => {
  const { page } = await openPage(browser, PHONE);
  await page.goto(await newLink());
  const legend = page.locator('fieldset').nth(1).locator('legend');
  expect(await legend.textContent()).toContain('What influenced your score?');
  await score(page, 9).tap();
  await legend.filter({ hasText: 'What did we do well?' }).waitFor();
  await score(page, 0).tap();
  await legend.filter({ hasText: 'What should we have done better?' }).waitFor();
});

test('the keyboard reaches and sets everything', async () => {
  const { page } = await openPage(browser);
  await page.goto(await newLink());
  await page.getByRole('radio', { name: '0', exact: true }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: /send/i }).press('Enter');
  await page.waitForURL(/thank-you/);
  expect(await lastResponse()).toEqual({ overall: 1, factors: ['Responsiveness'], comments: '' });
});

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each([320, 360, 1280])('every state of the survey fits %i px and axe-core finds nothing', async (width) => {
    const { page, complaints } = await openPage(browser, { viewport: { width, height: 740 }, colorScheme });
    const link = await newLink();
    const states: [string, () => Promise<unknown>][] = [
      ['asked', () => page.goto(link)],
      ['score missing', () => page.getByRole('button', { name: /send/i }).click()],
      ['score chosen', () => page.goto(`${link}?score=9`)],
      ['answered', () => page.getByRole('button', { name: /send/i }).click()],
      ['answered before', () => page.goto(link)],
      ['not found', () => page.goto(`${web.url}/s/nothing`)],
      ['a damaged link', () => page.goto(`${web.url}/?tc=ts&tid=`)],
    ];
    for (const [state, reach] of states) {
      await reach();
      expect([state, await overflow(page), await accessibilityProblems(page)]).toEqual([state, 0, []]);
    }
    expect(complaints).toEqual([]);
  });
});
