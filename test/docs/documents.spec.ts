import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { blockText, blocksOf, documents, proseOf, read, root, sectionOf, tableUnder } from '../support/documents.js';
import { claimedPages, claims, lineClaims, unclaimed, type Claim } from './claims.js';

const LANGUAGES = ['sh', 'ts', 'js', 'json', 'python', 'sql'];

const blocks = documents.flatMap(blocksOf).filter((block) => block.language !== '');
const single = blocks.filter((block) => !(block.file in claimedPages));

test('every block of the documents is claimed by a test, and every claim has its block', () => {
  expect(single.map((block) => block.key).toSorted()).toEqual(Object.keys(claims).toSorted());
});

test('every page that one test claims has blocks', () => {
  for (const page of Object.keys(claimedPages)) {
    expect(blocksOf(page).some((block) => block.language !== '')).toBe(true);
  }
});

test('no block hides under the name of another language', () => {
  for (const { key, language } of blocks) {
    expect([key, LANGUAGES.includes(language)]).toEqual([key, true]);
  }
});

test.each(Object.entries({ ...claims, ...claimedPages }))(
  '%s is run as claimed',
  (key, { file, test: name, runs }: Claim) => {
    const source = read(file);
    if (name !== undefined) {
      expect(source).toContain(`'${name}'`);
    }
    if (runs === 'itself') {
      expect(source).toContain(`'${key}'`);
    } else if (name === undefined) {
      expect(source).toContain(blockText(key).trim());
    }
  },
);

test('every command within a line is run by a test, or it says why not', () => {
  const lines = documents.flatMap((file) => proseOf(file));
  const commands = lines.flatMap((line) =>
    [...line.matchAll(/`((?:[A-Z_]+=\S+ )*npm [^`]+)`/g)].flatMap((match) => match[1]!.split(' && ')),
  );
  expect([...new Set(commands)].toSorted()).toEqual([...Object.keys(lineClaims), ...Object.keys(unclaimed)].toSorted());
});

test.each(Object.entries(lineClaims))('%s is run by the test that is named for it', (command, { file, test: name }) => {
  const source = read(file);
  if (name === undefined) {
    const { test: parts } = (JSON.parse(read('package.json')) as { scripts: { test: string } }).scripts;
    expect(`${source} && ${parts}`).toContain(command);
  } else {
    expect(source).toContain(`'${name}'`);
  }
});

test('every npm script that the documents name is one', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = documents.flatMap((file) => [...read(file).matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1]!));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('every path of the project that the documents name in code is there', () => {
  const named = documents.flatMap((file) =>
    [...read(file).matchAll(/`((?:src|test|migrations|views)\/[\w./-]+\w)`/g)].map((match) => match[1]!),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('every example of JSON is JSON', () => {
  for (const { key, language, text } of blocksOf('docs/api.md')) {
    if (language === 'json') {
      expect([key, parses(text)]).toEqual([key, true]);
    }
  }
});

test('docs/operating.md names log lines that are written, at their level', () => {
  const words = tableUnder('docs/operating.md', 'What to watch', 2);
  const files = [
    'src/delivery/calls.ts',
    'src/delivery/delivery-loop.ts',
    'src/delivery/record-attempt.ts',
    'src/delivery/note-trouble.ts',
    'src/delivery/rescue.ts',
    'src/delivery/partitions.ts',
    'src/delivery/retention.ts',
    'src/config/keyring.ts',
    'src/webhook-health/automatic-switch-off.ts',
    'src/notifications/mail-sender.ts',
  ];
  const source = files.map(read).join('\n').replaceAll(/\s+/g, ' ');
  for (const [text, level] of words) {
    // The keyring is told how to warn; the others call the log themselves.
    const call = text === 'cannot be read again' ? 'this.warn(' : `.${level}(`;
    const before = source.slice(0, source.indexOf(text!));
    expect([text, source.includes(text!)]).toEqual([text, true]);
    expect([text, before.slice(-60).includes(call)]).toEqual([text, true]);
  }
});

test('docs/operating.md names every metric of ours, and none that is not', () => {
  const code = ['src/delivery/delivery-metrics.ts', 'src/delivery/calls.ts'].map(read).join('\n');
  expect(namesIn(sectionOf('docs/operating.md', 'What to watch'))).toEqual(namesIn(code));
});

test.each([
  ['calls under way in one process', '512', 'src/delivery/calls.ts', 'const SLOTS = 512;'],
  ['calls under way to one webhook', '16', 'src/webhooks/webhook.entity.ts', 'p.integer().default(16)'],
  ['time for one call', '15 seconds', 'src/webhooks/survey-webhook.ts', 'timeoutSeconds: 15'],
  ['stored of one reply', '64 KiB', 'src/outbound/reply.ts', 'replyLimit = 64 * 1024'],
  ['body of a request to Answerback', '1 MB', 'src/web/body-parsers.ts', `LIMIT = '1mb'`],
  ['signing secrets of one webhook at once', '5', 'src/webhooks/signing-secrets.ts', 'MOST_AT_ONCE = 5'],
  ['a session', '8 hours after its last use', 'src/web/sessions.ts', 'IDLE_LIMIT_MS = 8 * 60 * 60 * 1000'],
  ['a session', '7 days after signing in', 'src/web/sessions.ts', 'ABSOLUTE_LIMIT_MS = 7 * 24 * 60 * 60 * 1000'],
  ['failed sign-ins before waits begin', '5 for an account', 'src/accounts/sign-in-limits.ts', 'pair: { free: 5,'],
  ['failed sign-ins before waits begin', '50 from an', 'src/accounts/sign-in-limits.ts', 'address: { free: 50,'],
  ['failed sign-ins before waits begin', '50 for an', 'src/accounts/sign-in-limits.ts', 'account: { free: 50,'],
])('docs/operating.md gives the limit of %s as %s', (what, words, file, code) => {
  const limits = Object.fromEntries(tableUnder('docs/operating.md', 'Limits'));
  expect(limits[what]).toContain(words);
  expect(read(file)).toContain(code);
});

test('docs/operating.md gives every limit that is checked here', () => {
  expect(tableUnder('docs/operating.md', 'Limits')).toHaveLength(8);
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** In the order of the alphabet, each once. */
function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/answerback_\w+/g)].map(([name]) => name))].toSorted();
}
