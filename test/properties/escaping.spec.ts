import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import * as fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { configureViews } from '../../src/web/views.js';
import { openBrowser } from '../support/browser.js';
import { naughtyStrings } from '../support/naughty-strings.js';
import { holdsAsync, storedText, wholeText } from '../support/properties.js';
import { hostilePages, TEXTS, type HostilePage } from './hostile-pages.js';

@Module({})
class Nothing {}

/** A document as a browser has read it: its elements with their attributes' names, and all text in it. */
interface Read {
  outline: string[];
  texts: string[];
}

let app: NestExpressApplication;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  app = await NestFactory.create<NestExpressApplication>(Nothing, { logger: false });
  configureViews(app);
  await app.init();
  browser = await openBrowser();
  page = await browser.newPage();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

describe('whatever people and systems wrote', () => {
  test('is text in the pages that show it, and makes no element and no attribute', async () => {
    const plain = await readAll(hostilePages((place) => marked(place, 'plain')));
    await holdsAsync(
      fc.asyncProperty(
        fc.array(storedText, { minLength: TEXTS, maxLength: TEXTS }),
        wholeText,
        async (texts, reply) => {
          const pages = hostilePages((place) => marked(place, texts[place]!), marked(TEXTS, reply));
          const found = await readAll(pages);
          for (const [index, { name, shown }] of pages.entries()) {
            expect([name, found[index]!.outline]).toEqual([name, plain[index]!.outline]);
            const missing = shown.filter((text) => !isIn(found[index]!, text));
            expect([name, missing]).toEqual([name, []]);
          }
        },
      ),
      { runs: 40, examples: naughtyInPlaces() },
    );
  });

  test('would be found out otherwise', async () => {
    const [read] = await readEach(['<p title="a" onclick>⟦<b>⟧</b></p>']);
    expect(read!.outline.join(' ')).toContain('p[title onclick] b[]');
    expect(isIn(read!, '⟦<b>⟧')).toBe(false);
  });
});

/** So that a text is found whole, and looked for in the very place. */
function marked(place: number, text: string): string {
  return `⟦${place}:${text}⟧`;
}

/** As it stands, or with its control characters as pictures; line breaks as every HTML parser reads them. */
function isIn({ texts }: Read, text: string): boolean {
  const asItStands = text.replace(/\r\n?/g, '\n');
  const pictures = [...asItStands].map((letter) => picture(letter)).join('');
  return texts.some((one) => one.includes(asItStands) || one.includes(pictures));
}

function picture(letter: string): string {
  const code = letter.codePointAt(0)!;
  if (code === 0x7f) return '\u2421';
  return code < 0x20 && ![0x09, 0x0a, 0x0d].includes(code) ? String.fromCodePoint(0x2400 + code) : letter;
}

/** Every naughty string, as many at once as there are places. */
function naughtyInPlaces(): [string[], string][] {
  const storable = naughtyStrings.map((text) => text.toWellFormed().replaceAll('\0', '\uFFFD'));
  return Array.from({ length: Math.ceil(storable.length / TEXTS) }, (_, index) => {
    const texts = Array.from({ length: TEXTS }, (_none, place) => storable[(index * TEXTS + place) % storable.length]!);
    return [texts, texts[0]!];
  });
}

async function readAll(pages: readonly HostilePage[]): Promise<Read[]> {
  return readEach(await Promise.all(pages.map(render)));
}

function render({ name, model }: HostilePage): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, html: string) => (error ? reject(error) : resolve(html));
    app.getHttpAdapter().getInstance().render(name, model, done);
  });
}

/** Parses with the browser's own parser. The documents go in as an argument, so that nothing else reads them. */
function readEach(documents: string[]): Promise<Read[]> {
  return page.evaluate<Read[]>(`(${READ})(${JSON.stringify(documents)})`);
}

/** JavaScript for the browser, whose names this project's types do not know. */
const READ = `(documents) => documents.map((html) => {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const read = { outline: [], texts: [] };
  const walker = parsed.createTreeWalker(parsed, NodeFilter.SHOW_ALL);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === Node.ELEMENT_NODE) {
      const attributes = [...node.attributes];
      read.outline.push(node.localName + '[' + attributes.map(({ name }) => name).join(' ') + ']');
      read.texts.push(...attributes.map(({ value }) => value));
    } else if (node.nodeType === Node.TEXT_NODE) {
      read.texts.push(node.data);
    } else {
      read.outline.push('node ' + node.nodeType);
    }
  }
  return read;
})`;
