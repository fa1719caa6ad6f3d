import type { Browser, Page } from 'playwright-core';
import { ApiDescription } from '../../src/api-description/api-description.js';
import type { OpenApiDocument } from '../../src/api-description/openapi.js';
import { openBrowser, openPage, overflow, PHONE } from '../support/browser.js';
import { useWeb, type TestWeb } from '../support/web.js';

let web: TestWeb;
let browser: Browser;
let document: OpenApiDocument;

useWeb((started) => {
  web = started;
});
beforeAll(async () => {
  browser = await openBrowser();
  ({ document } = web.app.get(ApiDescription));
});
afterAll(() => browser?.close());

async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).textContent())!.replace(/\s+/g, ' ');
}

describe('the page of the API', () => {
  test('needs no script, no cookie and nothing from elsewhere', async () => {
    const { page, complaints } = await openPage(browser, { javaScriptEnabled: false });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    const answer = await page.goto(`${web.url}/api/docs`);
    expect(answer!.headers()).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining(`default-src 'none';script-src 'self';style-src 'self'`),
    });
    expect(await page.context().cookies()).toEqual([]);
    expect([...new Set(asked)]).toEqual([web.url]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('has every operation with its address, parameters, fields, errors and a command', async () => {
    const { page } = await openPage(browser, { javaScriptEnabled: false });
    await page.goto(`${web.url}/api/docs`);
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const id = operation.operationId.replace(/[a-z](?=[A-Z])/g, '$&-').toLowerCase();
        const text = await textOf(page, `#${id}`);
        expect(text).toContain(`${method.toUpperCase()} ${path}`);
        expect(text).toContain(operation.summary);
        expect(text).toContain('curl ');
        for (const { name } of operation.parameters ?? []) {
          expect(text).toContain(name);
        }
      }
    }
    expect(await textOf(page, '#show-delivery')).toContain('bodyTruncated true or false');
    expect(await textOf(page, '#redeliver-delivery')).toContain('409call_under_way');
    expect(await textOf(page, '#invite-customer')).toContain('supportGroupCode text required');
    for (const code of await textsOf(page, '#errors td code')) {
      expect(JSON.stringify(document.components.responses)).toContain(`\`${code}\``);
    }
    await page.context().close();
  });

  test('tells receivers every key, every header and what to answer', async () => {
    const { page } = await openPage(browser, { javaScriptEnabled: false });
    await page.goto(`${web.url}/api/docs#webhooks`);
    const text = await textOf(page, '#transactional-survey');
    const keys = Object.keys(document.components.schemas.SurveyPayload!.properties!);
    for (const word of [
      ...keys,
      'webhook-signature',
      'Authorization',
      'sysparm_quantity',
      '5, 10, 20 and 40 minutes',
    ]) {
      expect(text).toContain(word);
    }
    await page.context().close();
  });

  test('leads by its contents to every part, on a phone too', async () => {
    const { page } = await openPage(browser, { ...PHONE, javaScriptEnabled: false });
    await page.goto(`${web.url}/api/docs`);
    const targets = await page.evaluate<string[]>(`[...document.querySelectorAll('a[href^="#"]')].map((a) => a.hash)`);
    for (const target of new Set(targets)) {
      expect([target, await page.locator(target).count()]).toEqual([target, 1]);
    }
    await page.getByText('Contents', { exact: true }).click();
    await page.getByRole('link', { name: 'Send a delivery again' }).click();
    expect(page.url()).toMatch(/#redeliver-delivery$/);
    expect(await overflow(page)).toBe(0);
    await page.context().close();
  });
});

async function textsOf(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).allTextContents();
}
