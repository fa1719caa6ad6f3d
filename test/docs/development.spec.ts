import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockText, read, tableUnder } from '../support/documents.js';
import { runShell } from '../support/documents-run.js';

const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;

test('the parts of the test command are the parts that the page names, in their order', () => {
  const parts = tableUnder('docs/development.md', 'The test command').map(([part]) => part);
  expect(parts).toEqual(scripts.test!.split(' && '));
});

test('one file is run by its name, and in it the tests whose names hold a word', async () => {
  const { code, output } = await runShell(blockText('docs/development.md#The test command/2'));
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toContain('\n1 passed, 0 failed\n');
}, 180_000);

describe('what a developer makes with a command', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'answerback-made-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('the page of the environment variables', async () => {
    const made = join(folder, 'configuration.md');
    expect(await runShell(`${scripts.docs!.replace('npm run build && ', '')} ${made}`)).toMatchObject({ code: 0 });
    expect(await readFile(made, 'utf8')).toBe(read('docs/configuration.md'));
  });

  test('the pictures of the front page', async () => {
    expect(await runShell(`${scripts.pictures} ${folder}`)).toMatchObject({ code: 0 });
    const pictures = (await readdir(folder)).filter((name) => name.endsWith('.png'));
    expect(pictures.toSorted()).toEqual(['dashboard.png', 'delivery.png', 'survey.png', 'webhook-log.png']);
  }, 120_000);

  test('the mutants of a room, and their score', async () => {
    const { code, output } = await runShell(`${scripts.mutation!.replace('npm run build && ', '')} records --force`);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/\| records +\| +\d+ \| +\d/) });
  }, 240_000);
});
