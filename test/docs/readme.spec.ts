import { join } from 'node:path';
import {
  API_KEY,
  callApi,
  freePort,
  killStarted,
  newDataDir,
  removeDataDir,
  startCommand,
  type RunningCommand,
} from '../support/command.js';
import { blockText, withReal } from '../support/documents.js';
import { runShell, testsWith } from '../support/documents-run.js';
import { startDrill } from '../support/drill.js';

/** The README from its first command on, and then the backup of what it made. */
let dataDir: string;
let running: RunningCommand;
let surveyPath: string;

beforeAll(async () => {
  dataDir = await newDataDir();
  running = await startCommand({ dataDir, port: await freePort() });
  surveyPath = new URL(/A survey +(\S+)/.exec(running.output())![1]!).pathname;
}, 100_000);
afterAll(async () => {
  killStarted();
  await removeDataDir(dataDir);
}, 30_000);

test('the first start prints what the README says, in its order', () => {
  const labels = blockText('README.md#Run it/2')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/)[0]!);
  expect(labels).toHaveLength(6);
  const inOrder = labels.map((label) => running.output().indexOf(`\n  ${label}  `));
  // With API_KEY set, as the tests set it, the key is not generated; the line is there all the same.
  expect(inOrder.every((position) => position > 0)).toBe(true);
  expect(inOrder).toEqual(inOrder.toSorted((one, other) => one - other));
});

testsWith('curl', () => {
  test('the webhook is pointed at another address', async () => {
    const { code, output } = await runShell(connecting('README.md#Connect it/1'), { env: { API_KEY } });
    expect(code).toBe(0);
    expect(output).toContain('"url":"https://hooks.example.com/answers","username":"answerback","hasPassword":true');
  });

  test('a customer is invited', async () => {
    const { code, output } = await runShell(connecting('README.md#Connect it/2'), { env: { API_KEY } });
    expect(code).toBe(0);
    expect(output).toMatch(/"ticketId":"INC0010001".*"link":"http:\/\/localhost:\d+\/s\/[\w-]{32}"/);
  });
});

test('the plan is set while the application runs, which takes notice at once', async () => {
  const { surveys } = await callApi<{ surveys: { ticketLinkTemplate: string }[] }>(running, 'surveys');
  const portalCode = new URL(surveys[0]!.ticketLinkTemplate).searchParams.get('cpc')!;
  const line = withReal(blockText('README.md#Connect it/3'), { '<portal code>': portalCode });
  const change = { method: 'PUT', body: '{}' };

  expect(await runShell(line.replace('enterprise', 'basic'), { env: { DATA_DIR: dataDir } })).toMatchObject({
    code: 0,
  });
  const refused = callApi(running, 'integration-preferences/transactional', change);
  await expect(refused).rejects.toThrow('plan_without_webhooks');

  expect(await runShell(line, { env: { DATA_DIR: dataDir } })).toMatchObject({ code: 0 });
  await callApi(running, 'integration-preferences/transactional', change);
}, 60_000);

test('a backup of the embedded PostgreSQL is restored in another folder, with its keys', async () => {
  running.process.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  const folder = await newDataDir();
  const restored = join(folder, 'restored');
  const archive = join(folder, 'answerback-backup.tar.gz');
  try {
    const packing = withReal(blockText('docs/operating.md#The embedded PostgreSQL/1'), {
      'answerback-backup.tar.gz': archive,
      '-C data': `-C ${dataDir}`,
    });
    expect(await runShell(packing)).toEqual({ code: 0, output: '' });

    const restoring = withReal(blockText('docs/operating.md#The embedded PostgreSQL/2'), {
      'answerback-backup.tar.gz': archive,
      restored,
    });
    const drill = await startDrill(restoring, await freePort());
    try {
      expect(drill.output()).toMatch(/Opened \d+ secrets and encrypted 0 of them anew/);
      expect(drill.output()).not.toMatch(/Password|could not be opened/);
      await drill.expectSurvey(surveyPath);
    } finally {
      await drill.stop();
    }
  } finally {
    await removeDataDir(restored);
    await removeDataDir(folder);
  }
}, 150_000);

function connecting(key: string): string {
  return withReal(blockText(key), { 'http://localhost:3000': running.url, 'curl -X': 'curl -sS -X' });
}
