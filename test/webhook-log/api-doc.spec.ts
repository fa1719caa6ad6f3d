import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { outcomeSentences } from '../../src/delivery/attempt-outcome.js';

const documentation = readFile(join(import.meta.dirname, '..', '..', 'docs', 'api.md'), 'utf8');

test.each(Object.entries(outcomeSentences))(
  'docs/api.md lists the outcome %s in the words of the log',
  async (outcome, sentence) => {
    expect((await documentation).replace(/ +/g, ' ')).toContain(`| \`${outcome}\` | ${sentence} |`);
  },
);

test('docs/api.md lists no outcome that there is not', async () => {
  const section = (await documentation).split('### Outcomes')[1]!.split('\n##')[0]!;
  const listed = [...section.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]);
  expect(listed).toEqual(Object.keys(outcomeSentences));
});
