import type { Browser, BrowserContext } from 'playwright-core';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { accessibilityProblems, openBrowser, overflow, signInOn } from '../support/browser.js';
import { attempted, newDelivery } from '../support/deliveries.js';
import { buildOrganisation, buildApiWebhook, type TestOrganisation } from '../support/factories.js';
import { webhookIdOf } from '../../src/delivery/webhook-id.js';
import { startReceiver, answers, type Receiver } from '../support/receivers.js';
import { buildMember, startWeb, type TestWeb } from '../support/web.js';

const LONG = 'a-very-long-word-without-any-place-to-break-it-'.repeat(4);

let database: TestDatabase;
let web: TestWeb;
let browser: Browser;
let receiver: Receiver;
let demo: TestOrganisation;
let failed: string;
let switchedOff: number;
let member: { email: string; password: string };

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database);
  browser = await openBrowser();
  receiver = await startReceiver({ answer: answers.with(500, `${LONG}<b>failure</b>`) });
  demo = await buildOrganisation(web, receiver.url('/hook'));
  member = await buildMember(web, { organisationId: demo.organisation.id });
  const id = await newDelivery(web, demo, { overall: 0, comments: `${LONG}\nA second line.` });
  await attempted(web, id, 1);
  failed = webhookIdOf(id);
  switchedOff = (await buildApiWebhook(web, demo, receiver.url(`/${LONG}`))).id;
  await web.pool.query(
    `update webhook set name = $2, enabled = false, switched_off_at = now(), switched_off_because = 'gone' where id = $1`,
    [switchedOff, LONG],
  );
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await web?.close();
  await receiver?.close();
  await database?.drop();
});

async function signedIn(context: BrowserContext): Promise<void> {
  const page = await context.newPage();
  await signInOn(page, web.url, member);
  await page.close();
}

function pages(): string[] {
  return [
    '/dashboard',
    '/responses',
    '/responses?band=detractor&text=nothing-like-it',
    '/responses.csv?score=11',
    '/webhook-log',
    '/redeliveries',
    `/redeliveries?kind=selection&webhookId=${failed}`,
    `/webhook-log/${failed}`,
    `/webhooks/${switchedOff}`,
    '/invitations',
    '/directory',
    '/surveys',
    '/preferences/integration',
    '/preferences/general',
    '/preferences/api-keys',
    '/members',
    '/account',
    '/audit',
    '/receiver',
    '/service-recovery-notes?id=1',
    '/responses/1',
    '/no-such-page',
    '/api/docs',
  ];
}

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each([320, 360, 1280])(
    'every page of the portal fits %i px and axe-core finds nothing',
    async (width) => {
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
      await signedIn(context);
      const page = await context.newPage();
      const found: string[] = [];
      for (const path of ['/sign-in', ...pages()]) {
        const response = await page.goto(`${web.url}${path}`);
        const wide = await overflow(page);
        const problems = await accessibilityProblems(page);
        if (response!.status() >= 500 || wide > 0 || problems.length > 0) {
          found.push(`${path} (${response!.status()}): ${wide} px too wide; ${problems.join(' | ')}`);
        }
      }
      expect(found).toEqual([]);
      await context.close();
    },
    90_000,
  );
});
