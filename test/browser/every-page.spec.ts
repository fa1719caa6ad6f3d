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

/** The narrowest phone that must do, a usual one, and a desk. */
const WIDTHS = [320, 360, 1280];
/** As wide as these, a page has all that the others have: what there is to read and to reach is the same at 320. */
const READ_AT = [360, 1280];

test.each(['light', 'dark'] as const)(
  'every page of the portal in %s fits phone and desk, and axe-core finds nothing',
  async (colorScheme) => {
    const context = await browser.newContext({ colorScheme });
    await signedIn(context);
    const page = await context.newPage();
    const found: string[] = [];
    for (const path of ['/sign-in', ...pages()]) {
      const response = await page.goto(`${web.url}${path}`);
      if (response!.status() >= 500) {
        found.push(`${path}: ${response!.status()}`);
      }
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        const wide = await overflow(page);
        const problems = READ_AT.includes(width) ? await accessibilityProblems(page) : [];
        if (wide > 0 || problems.length > 0) {
          found.push(`${path} at ${width}: ${wide} px too wide; ${problems.join(' | ')}`);
        }
      }
    }
    expect(found).toEqual([]);
    await context.close();
  },
  180_000,
);
