import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../src/accounts/sign-in-limits.js';

/** docs/security.md is held against the standard's numbers, the tests it names, and itself. */

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'security.md'), 'utf8');
const standard = JSON.parse(readFileSync(join(import.meta.dirname, 'asvs-5.0.0.json'), 'utf8')) as {
  level1: string[];
  level2: string[];
};

type Kind = 'shown by' | 'does not apply' | 'missing';

interface Line {
  numbers: string[];
  chapter: string;
  asks: string;
  kind: Kind;
  text: string;
}

const LINE =
  /^\| (?<numbers>\d+\.\d+\.\d+(?:, \d+\.\d+\.\d+)*) \| (?<asks>[^|]+) \| \*\*(?<kind>[a-z ]+)\*\*: (?<text>[^|]+) \|$/;

const lines: Line[] = page.split('\n').flatMap((row) => {
  const { numbers, asks, kind, text } = LINE.exec(row)?.groups ?? {};
  return numbers === undefined
    ? []
    : [
        {
          numbers: numbers.split(', '),
          chapter: `V${numbers.split('.')[0]}`,
          asks: asks!,
          kind: kind as Kind,
          text: text!,
        },
      ];
});

const links = [...page.matchAll(/\[(?<name>(?:[^[\]]|\[[^\]]*\])+)\]\((?<target>[^)\s]+)\)/g)].map(({ groups }) => ({
  name: groups!['name']!,
  target: groups!['target']!,
}));

describe('docs/security.md', () => {
  it('has every line of level 1 and 2 of the standard once, and no other', () => {
    expect(lines.flatMap(({ numbers }) => numbers).toSorted()).toEqual(
      [...standard.level1, ...standard.level2].toSorted(),
    );
    expect(standard.level1).toHaveLength(70);
    expect(standard.level2).toHaveLength(183);
  });

  it('reads every row of its tables', () => {
    expect(lines).toHaveLength(page.split('\n').filter((row) => /^\| \d+\.\d+\.\d+/.test(row)).length);
  });

  it('has each line under its own chapter', () => {
    const chapters = page.split(/^### /m).slice(1);
    expect(chapters).toHaveLength(17);
    for (const chapter of chapters) {
      const [name] = /^V\d+/.exec(chapter)!;
      const numbers = [...chapter.matchAll(/^\| (\d+)\./gm)].map(([, number]) => `V${number}`);
      expect([...new Set(numbers)]).toEqual([name]);
    }
  });

  it('shows a line by a test or by a place of the documentation, and says why or what for all others', () => {
    const evidence = /\]\((?:\.\.\/(?:src|test)\/[^)]+\.spec\.ts|#[\w-]+|[\w-]+\.md)\)/;
    expect(lines.filter(({ kind, text }) => kind === 'shown by' && !evidence.test(text))).toEqual([]);
    expect(lines.filter(({ kind }) => !['shown by', 'does not apply', 'missing'].includes(kind))).toEqual([]);
    expect(lines.filter(({ text }) => text.length < 10)).toEqual([]);
  });

  it('counts its lines by chapter and in all', () => {
    const names = [...page.matchAll(/^### (V\d+ .+)$/gm)].map(([, name]) => name!);
    for (const name of names) {
      expect(page).toContain(countsOf(name, ({ chapter }) => chapter === name.split(' ')[0]));
    }
    expect(page).toContain(countsOf('**all 253**', () => true));
  });

  it.each(links.filter(({ target }) => target.endsWith('.spec.ts')).map(({ name, target }) => [target, name] as const))(
    'names a test that %s has: %s',
    (target, name) => {
      const source = readFileSync(join(root, 'docs', target), 'utf8').replaceAll('\\u2019', '’');
      expect(source).toMatch(new RegExp(`['"\`]${name.replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)}['"\`]`));
    },
  );

  it('links to nothing that is not there', () => {
    const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(
      ([, title]) => `#${title!.toLowerCase().replaceAll(/[^\w]+/g, '-')}`,
    );
    const dead = links.filter(({ target }) =>
      target.startsWith('#') ? !headings.includes(target) : !existsSync(join(root, 'docs', target)),
    );
    expect(dead).toEqual([]);
    expect(links.length).toBeGreaterThan(100);
  });

  it('says the limits of signing in as the source has them', () => {
    const rows = page
      .split('\n')
      .map((row) => row.split('|').map((cell) => cell.trim()))
      .filter((cells) => /^\d+ s$/.test(cells[3] ?? ''));
    const said = rows.map((cells) => cells.slice(2, 6).map((cell) => Number.parseInt(cell, 10)));
    const { pair, account, address } = limits;
    expect(said).toEqual(
      [pair, account, address].map(({ free, firstWait, longestWait, leak }) => [free, firstWait, longestWait, leak]),
    );
  });
});

function countsOf(name: string, own: (line: Line) => boolean): string {
  return `| ${name} | ${count('shown by', own)} | ${count('does not apply', own)} | ${count('missing', own)} |`;
}

function count(kind: Kind, own: (line: Line) => boolean): number {
  return lines.filter((line) => line.kind === kind && own(line)).reduce((sum, { numbers }) => sum + numbers.length, 0);
}
