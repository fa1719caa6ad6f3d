/**
 * Takes the README's pictures from the running product: `npm run build && npm run pictures`. It starts
 * Answerback on a folder of its own, answers surveys as customers would, and ends it again. A folder as its
 * argument gets the pictures instead of this one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x';
const { default: shipped } = await import('@sparticuz/chromium');

const EMAIL = 'ada@democorp.example';
const PASSWORD = 'a password for pictures';
const API_KEY = 'a-key-for-pictures-0123456789-0123456789';
const folder = process.argv[2] ?? import.meta.dirname;

const product = await startProduct();
const browser = await chromium.launch({
  executablePath: await shipped.executablePath(),
  args: ['--no-sandbox', '--headless=shell'],
});
try {
  await takeSurvey();
  await answerSome();
  await takePortal();
} finally {
  await browser.close();
  await product.stop();
}

async function takeSurvey() {
  const page = await browser.newPage({ viewport: { width: 390, height: 760 }, deviceScaleFactor: 2 });
  await page.goto(`${product.link}?score=9`);
  await page.locator('input[name=factors]').first().check();
  await page.screenshot({ path: join(folder, 'survey.png') });
}

async function answerSome() {
  const answers = [
    ['INC123456', '9', ['Responsiveness', 'Knowledge'], 'You guys rock!'],
    ['INC123460', '10', ['Speed'], 'Solved before my coffee was ready.'],
    ['INC123461', '4', ['Communication', 'Effort'], 'I had to explain it three times.'],
    ['INC123462', '8', [], ''],
    ['INC123463', '0', ['Speed'], 'Still waiting.'],
    ['INC123464', '9', ['Interpersonal'], 'Nina was patient with me.'],
  ];
  for (const [ticketId, overall, factors, comments] of answers) {
    const ticket = {
      ticketId,
      supportGroupCode: 'SDESK',
      agentId: 'adam.agent',
      customer: 'carole.customer',
      segmentCode: 'NZ',
    };
    const { link } = await api('POST', 'invitations', ticket);
    const body = new URLSearchParams([
      ['overall', overall],
      ...factors.map((factor) => ['factors', factor]),
      ['comments', comments],
    ]);
    await fetch(link, { method: 'POST', body, redirect: 'manual' });
  }
  await sleep(1_500);
}

async function takePortal() {
  const context = await browser.newContext({ viewport: { width: 1200, height: 760 } });
  const page = await context.newPage();
  await page.goto(product.url);
  await page.getByLabel('E-mail').fill(EMAIL);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/dashboard$/);
  await page.screenshot({ path: join(folder, 'dashboard.png') });
  await page.goto(`${product.url}/webhook-log`);
  await page.screenshot({ path: join(folder, 'webhook-log.png') });
  await page.locator('main tbody a').first().click();
  await page.waitForURL(/webhook-log\/\w+/);
  await page.getByRole('button', { name: 'Resend Webhook' }).click();
  await page.waitForLoadState();
  await sleep(2_500);
  await page.screenshot({ path: join(folder, 'delivery.png') });
}

async function api(method, path, body) {
  const response = await fetch(`${product.url}/api/v1/${path}`, {
    method,
    headers: { Authorization: `Bearer ${API_KEY}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

async function startProduct() {
  const dataDir = await mkdtemp(join(tmpdir(), 'answerback-pictures-'));
  await chmod(dataDir, 0o755);
  const port = await freePort();
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'dist', 'main.js')], {
    env: { ...process.env, PORT: port, DATA_DIR: dataDir, ADMIN_EMAIL: EMAIL, ADMIN_PASSWORD: PASSWORD, API_KEY },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  while (!output.includes('Answerback listens')) {
    await sleep(50);
  }
  return {
    url: `http://localhost:${port}`,
    link: /A survey +(\S+)/.exec(output)[1],
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function freePort() {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
