import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

/** A fenced block of a document. */
export interface Block {
  file: string;
  /** `docs/operating.md#Backups/2`: the file, the heading it stands under, and its number there. */
  key: string;
  language: string;
  text: string;
  /** The last line of prose before it. */
  introduction: string;
}

/** What is read by strangers: the front page, the pages of docs/, and how to contribute. */
export const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

export function blocksOf(file: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let introduction = '';
  let open: { language: string; lines: string[] } | null = null;
  for (const line of read(file).split('\n')) {
    const fence = /^ *```(\w*)$/.exec(line);
    if (open && fence) {
      const number = blocks.filter((block) => block.key.startsWith(`${file}#${heading}/`)).length + 1;
      const text = `${open.lines.join('\n')}\n`;
      blocks.push({ file, key: `${file}#${heading}/${number}`, language: open.language, text, introduction });
      open = null;
    } else if (fence) {
      open = { language: fence[1]!, lines: [] };
    } else if (open) {
      open.lines.push(line);
    } else {
      heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
      introduction = line.trim() || introduction;
    }
  }
  if (open) {
    throw new Error(`${file} ends inside a fenced block.`);
  }
  return blocks;
}

/** The lines of a document that stand in no fenced block. */
export function proseOf(file: string): string[] {
  let isOpen = false;
  return read(file)
    .split('\n')
    .filter((line) => {
      const isFence = /^ *```/.test(line);
      isOpen = isFence ? !isOpen : isOpen;
      return !isOpen && !isFence;
    });
}

/** The text of one block; fails where there is none of this key. */
export function blockText(key: string): string {
  const file = key.split('#')[0]!;
  const found = blocksOf(file).find((block) => block.key === key);
  if (!found) {
    throw new Error(
      `There is no block ${key}: ${blocksOf(file)
        .map((block) => block.key)
        .join(', ')}`,
    );
  }
  return found.text;
}

/** The rows of the first table under a heading, without its head; cells without their code marks. */
export function tableUnder(file: string, heading: string, number = 1): string[][] {
  const section = sectionOf(file, heading);
  const tables = section.split(/\n(?!\|)/).filter((part) => /\n\|[-| ]+\|\n/.test(part));
  const lines = tables[number - 1]?.split('\n').filter((line) => line.startsWith('|'));
  if (!lines) {
    throw new Error(`${file} has no table ${number} under "${heading}".`);
  }
  return lines.slice(2).map(cellsOf);
}

export function sectionOf(file: string, heading: string): string {
  const sections = read(file).split(/^#+ /m);
  const found = sections.find((section) => section.startsWith(`${heading}\n`));
  if (found === undefined) {
    throw new Error(`${file} has no heading "${heading}".`);
  }
  return found;
}

function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1'));
}

/** A text with what only an example is replaced by what is real here; everything named must stand in it. */
export function withReal(text: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((result, [example, real]) => {
    if (!result.includes(example)) {
      throw new Error(`"${example}" does not stand in:\n${result}`);
    }
    return result.replaceAll(example, real);
  }, text);
}
