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
