import { parseSync } from '@swc/core';
import { blocksOf, read } from '../support/documents.js';

const PAGE = 'docs/style.md';
const blocks = blocksOf(PAGE);
const worse = blocks.filter((block) => block.introduction === 'Worse:');
const better = blocks.filter((block) => block.introduction.startsWith('Better, `'));

test('the style page consists of pairs', () => {
  const headings = blocks.map(({ key }) => key.split('#')[1]!.split('/')[0]!);
  expect(blocks.length).toBeGreaterThanOrEqual(20);
  expect(blocks.map((block) => worse.includes(block))).toEqual(blocks.map((_block, index) => index % 2 === 0));
  expect(blocks.map((block) => better.includes(block))).toEqual(blocks.map((_block, index) => index % 2 === 1));
  expect(new Set(headings).size).toBe(blocks.length / 2);
});

test.each(better)('the better of $key stands in the file that it names', ({ introduction, text }) => {
  const file = /`(.*)`/.exec(introduction)![1]!;
  expect(withoutIndentation(read(file))).toContain(withoutIndentation(text));
});

test.each(worse)('the worse of $key is code', ({ text }) => {
  expect(isCode(text)).toBe(true);
});

function withoutIndentation(text: string): string {
  return text.trim().replaceAll(/^ +/gm, '');
}

/** As statements, or as members of a class; with what closes what it leaves open. */
function isCode(text: string): boolean {
  return [text, `${text} });`, `class Any { ${text} }`, `class Any { ${text} } }`].some(
    (attempt) => parses(attempt) || parses(`async () => { ${attempt} };`),
  );
}

function parses(text: string): boolean {
  try {
    parseSync(text, { syntax: 'typescript', decorators: true });
    return true;
  } catch {
    return false;
  }
}
