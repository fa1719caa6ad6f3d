import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.js';
import { attempted, deliveriesAbout } from '../support/deliveries.js';
import { eventually } from '../support/eventually.js';
import { requestTo, useGround, type Ground, PATIENCE_MS } from '../support/hostile-input.js';
import { buildPremises, PASSWORD, type Premises } from '../support/hostile-input-premises.js';
import { naughtyTexts } from '../support/hostile-input-texts.js';
import { answers, startReceiver, type Receiver } from '../support/receivers.js';

/** Whatever of it a page takes for markup or a script raises `ran`. */
const HOSTILE =
  '"><img src=x onerror="ran=1"><script>ran=2</script><svg onload=ran=3></svg>' +
  '<a href="javascript:ran=4">a</a>\'-ran--\'{{constructor.constructor "ran=5"}}${ran=6}</title></textarea>\u202Etxt.exe';
const MARK = '<script>ran=2</script>';

let ground: Ground;
let hostile: Premises;
let receiver: Receiver | undefined;
let browser: Browser | undefined;
let context: BrowserContext;

useGround(async (given) => {
  ground = given;
  receiver = await startReceiver({ answer: answers.raw(hostileReply()) });
  hostile = await buildPremises(ground.web, { word: 'hostileword', text: HOSTILE });
  await plantMore();
  browser = await openBrowser();
  context = await browser.newContext({ userAgent: `Mozilla ${HOSTILE.replaceAll(/[^ -~]/g, '')}` });
  await signInAs(context);
});
afterAll(async () => {
  await browser?.close();
  await receiver?.close();
});

test(
  'no page takes for markup or script what people, systems and receivers wrote, and each shows it as text',
  async () => {
    const found: string[] = [];
    const silent: string[] = [];
    for (const path of await everyPage()) {
      const { page, complaints } = await openWatched();
      const reply = await page.goto(`${ground.web.url}${path}`);
      if (/html/.test(reply?.headers()['content-type'] ?? '')) {
        const made = await page.evaluate<string[]>(strangers);
        found.push(...[...made, ...complaints].map((what) => `${path} (${reply!.status()}): ${what}`));
        if (!(await page.evaluate<string>(allText)).includes(MARK)) silent.push(path);
      }
      await page.close();
    }
    expect(found).toEqual([]);
    expect(silent).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'a survey that was filled in wrongly shows the comment as text, and so does the page that signs in',
  async () => {
    const { page, complaints } = await openWatched();
    await page.goto(`${ground.web.url}${hostile.surveyPath}`);
    await page.locator('textarea').fill(HOSTILE);
    await page.evaluate(
      'document.querySelectorAll("[required]").forEach((field) => field.removeAttribute("required"))',
    );
    await page.locator('button[type=submit], button:not([type])').last().click();
    await page.waitForLoadState();
    expect(await page.locator('textarea').inputValue()).toBe(HOSTILE);
    expect([...(await page.evaluate<string[]>(strangers)), ...complaints]).toEqual([]);
    await page.close();
  },
  PATIENCE_MS,
);

/** Every page that the router answers GET at, for things of the hostile organisation; and some by their queries. */
async function everyPage(): Promise<string[]> {
  const own = hostile;
  const gets = ground.routes.filter(
    ({ method, path }) => method === 'GET' && !/^\/(api|health|sign-in)|\.csv$/.test(path),
  );
  const paths = gets.map((route) => requestTo({ own, session: {} }, route).path);
  const { rows } = await ground.web.pool.query<{ id: string }>(
    `select lpad(to_hex(id), 13, '0') as id from delivery where organisation_id = $1`,
    [own.organisationId],
  );
  const bare = paths.map((path) => (path.startsWith('/t') || path.startsWith('/?') ? path : path.split('?')[0]!));
  const queries = ['text', 'q', 'agent', 'code', 'from', 'returnTo'].map(
    (name) => `${name}=${encodeURIComponent(HOSTILE)}`,
  );
  return [
    ...new Set([
      ...bare.filter((path) => path !== '/service-recovery-notes'),
      ...rows.map(({ id }) => `/webhook-log/${id}`),
      `/service-recovery-notes?id=${own.responseId}`,
      `/responses?${queries.join('&')}`,
      `/webhook-log?${queries.join('&')}`,
      `/directory?add=segments&${queries.join('&')}`,
    ]),
  ];
}

/** Looks in a page for what the text would have made. */
const strangers = `(() => {
  const selector = 'img, iframe, object, embed, base, marquee, script:not([src]), style, [style], a[href^="javascript:" i], form[action^="javascript:" i]';
  const made = [...document.querySelectorAll(selector)].map((element) => element.outerHTML.slice(0, 120));
  const handlers = [...document.querySelectorAll('*')]
    .filter((element) => [...element.attributes].some(({ name }) => name.startsWith('on')))
    .map((element) => element.outerHTML.slice(0, 120));
  return [...made, ...handlers, ...('ran' in window ? ['a script ran: ' + window.ran] : [])];
})()`;

/** What a page says, and what stands in its fields. */
const allText = `document.body.textContent + [...document.querySelectorAll('input, textarea')].map((field) => field.value).join()`;

async function openWatched(): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(message.text());
  });
  return { page, complaints };
}

async function signInAs(visitor: BrowserContext): Promise<void> {
  const page = await visitor.newPage();
  await page.goto(`${ground.web.url}/sign-in`);
  await page.getByLabel('E-mail').fill(hostile.admin.email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/dashboard$/);
  await page.close();
}

/** A status line, headers and a body that each try. */
function hostileReply(): string {
  const line = HOSTILE.replaceAll(/[^ -~]/g, '');
  return `HTTP/1.1 500 ${line}\r\nX-Hostile: ${line}\r\nContent-Type: text/html\r\n\r\n${HOSTILE}`;
}

/** What comes from outside: calls to the receiver, a receiver's reply, the whole list of naughty texts as a note. */
async function plantMore(): Promise<void> {
  const { web, sender } = ground;
  const line = HOSTILE.replaceAll(/[^ -~]/g, '');
  await sender.send({
    method: 'POST',
    path: `/receiver/${hostile.portalCode}/${encodeURIComponent(HOSTILE)}`,
    headers: { 'Content-Type': 'text/html', 'X-Hostile': line, 'User-Agent': line },
    body: HOSTILE,
  });
  await web.pool.query(
    `insert into note (organisation_id, response_id, author_id, text) select organisation_id, response_id, author_id, $2
       from note where organisation_id = $1 limit 1`,
    [hostile.organisationId, naughtyTexts.map((text) => text.toWellFormed().replaceAll('\0', '')).join('\n')],
  );
  await web.pool.query(`update webhook set request = jsonb_set(request, '{url}', to_jsonb($2::text)) where id = $1`, [
    hostile.webhookNumber,
    `${receiver!.url('/')}?${encodeURIComponent(HOSTILE)}`,
  ]);
  await sender.send({
    method: 'POST',
    path: hostile.surveyPath,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ overall: '1', comments: HOSTILE }).toString(),
  });
  const deliveries = await eventually(async () => {
    const all = await deliveriesAbout(web, hostile.webhookNumber, hostile.responseId);
    return all.length > 1 && all;
  });
  await attempted(web, deliveries.at(-1)!, 1);
}
