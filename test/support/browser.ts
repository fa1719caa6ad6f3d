import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { eventually } from './eventually.js';
import { shippedBrowser } from './shipped-browser.mjs';

const SYSTEM_BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A real browser. Chromium's default arguments are kept, so that nothing of the web's security is off. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await browserPath(),
    args: ['--no-sandbox', '--headless=shell', '--disable-gpu', '--disable-background-networking'],
  });
}

/**
 * The Chromium that npm ships, so that every machine tests with the same one; where it has none for the
 * machine's kind, the system's. @throws an Error that says what to install.
 */
async function browserPath(): Promise<string> {
  const shipped = await shippedBrowser();
  const path = shipped ?? SYSTEM_BROWSERS.find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new Error(
      'The browser tests need Chromium. Run "npm install" on an x64 Linux machine, which brings one, or install ' +
        `the system's own (Debian: apt-get install chromium), to be found at one of ${SYSTEM_BROWSERS.join(', ')}.`,
    );
  }
  return path;
}

export const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** A page of its own, with what went wrong in it: errors of scripts, and what the security policy refused. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  return { page, complaints };
}

/** Signs in as a person does, from the page that whoever is not signed in sees first. */
export async function signInOn(
  page: Page,
  url: string,
  { email, password }: { email: string; password: string },
): Promise<void> {
  await page.goto(url);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/dashboard$/);
}

/** How many CSS pixels the page is wider than the window; 0 when it fits. */
export async function overflow(page: Page): Promise<number> {
  // A page that a click has just led to may have begun without having an element yet.
  const [wide] = await eventually(async () => {
    await page.waitForLoadState();
    return page.evaluate<[number] | null>(
      'document.documentElement && [Math.max(0, document.documentElement.scrollWidth - window.innerWidth)]',
    );
  });
  return wide;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  help: string;
  nodes: { target: string[] }[];
}

/**
 * What axe-core finds, a line each. It comes in through the debugger, because the page's own policy refuses
 * foreign scripts, as it should.
 */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const violations = await page.evaluate<Violation[]>('axe.run().then((result) => result.violations)');
  return violations.map(({ id, help, nodes }) => {
    const where = nodes.slice(0, 3).map((node) => node.target.join(' '));
    return `${id}: ${help} (${where.join('; ')})`;
  });
}
