import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { readEnvironment } from '../../src/config/environment.js';
import { API_KEY, callApi, freePort } from '../support/command.js';
import { blockText, withReal } from '../support/documents.js';
import { runShell, startShell, testsWith, type RunningShell } from '../support/documents-run.js';
import { eventually } from '../support/eventually.js';
import { OperatorPlace } from '../support/operator.js';
import { startReceiver, type Receiver } from '../support/receivers.js';

/** docs/operating.md from its first command on, as an operator would follow it. */
let place: OperatorPlace;
let receiver: Receiver;
let processes: RunningShell;
let ports: { web: number; delivery: number };
let web: { url: string };

beforeAll(async () => {
  place = await OperatorPlace.open();
  receiver = await startReceiver();
  ports = { web: await freePort(), delivery: await freePort() };
  web = { url: `http://localhost:${ports.web}` };
});
afterAll(async () => {
  await processes?.stop();
  await receiver?.close();
  await place?.close();
}, 90_000);

describe('installing on a PostgreSQL of one’s own', () => {
  test('makes roles and database by the SQL that stands there', async () => {
    await place.runSql('docs/operating.md#Installing on a PostgreSQL of your own/1');
    await place.runSql('docs/operating.md#Installing on a PostgreSQL of your own/2', 'answerback');
  });

  test('makes a key that nobody else can read', async () => {
    const made = await runShell(place.commands('docs/operating.md#Installing on a PostgreSQL of your own/3'));
    expect(made).toEqual({ code: 0, output: '' });
    expect(await readFile(place.keysFile, 'utf8')).toMatch(/^k1:[A-Za-z0-9+/]{43}=\n$/);
    expect((await stat(place.keysFile)).mode & 0o777).toBe(0o600);
  });

  test('makes the tables as the owner', async () => {
    const migrated = await runShell(place.commands('docs/operating.md#Installing on a PostgreSQL of your own/4'));
    expect(migrated).toMatchObject({ code: 0, output: expect.stringMatching(/Applied:\n {2}2026/) });
  }, 90_000);

  test('starts one process of each kind, under a role that owns nothing', async () => {
    processes = startShell(startCommands('docs/operating.md#Installing on a PostgreSQL of your own/5'), {
      API_KEY,
      DELIVERY_ALLOWED_NETWORKS: '127.0.0.0/8',
    });
    await eventually(() => processes.output().split('Answerback listens on').length === 3, 60_000);
    expect(processes.output()).toMatch(/Portal +https:\/\/answers\.example\.com\//);
    expect(processes.output()).toMatch(/Password +\S{22} +\(shown once\)/);

    const app = await place.query(
      `select rolsuper or rolcreatedb or rolcreaterole or rolbypassrls as mighty,
              (select count(*)::int from pg_class where relowner = pg_roles.oid) as owned
         from pg_roles where rolname = current_user`,
    );
    expect(app).toEqual([{ mighty: false, owned: 0 }]);
  }, 90_000);

  test('an answer given to the one is delivered by the other', async () => {
    await callApi(running(), 'integration-preferences/transactional', {
      method: 'PUT',
      body: JSON.stringify({ url: receiver.url('/hook'), username: 'answerback', password: 'opensesame' }),
    });
    await giveAnswer();
    const [call] = await receiver.received(1, 10_000);
    expect(JSON.parse(call!.body.toString())).toMatchObject({
      Ticket_ID: 'INC123456',
      SR_Notes_URL: expect.stringContaining('https://answers.example.com/'),
    });
    expect((await fetch(`http://localhost:${ports.delivery}/sign-in`)).status).toBe(404);
  });

  test('behind the trusted proxy each visitor has an address of their own, which the audit trail keeps', async () => {
    const page = await fetch(`${web.url}/sign-in`, { headers: { 'X-Forwarded-For': '198.51.100.7' } });
    const token = /name="_csrf" value="(\w+)"/.exec(await page.text())![1]!;
    const body = new URLSearchParams({ _csrf: token, email: 'admin@democorp.example', password: 'wrong horse' });
    const cookie = page.headers.getSetCookie().map((line) => line.split(';')[0]!);
    expect(cookie).toEqual([expect.stringMatching(/^__Host-answerback=/)]);
    const headers = { 'X-Forwarded-For': '198.51.100.7', Cookie: cookie[0]!, Origin: 'https://answers.example.com' };
    const refused = await fetch(`${web.url}/sign-in`, { method: 'POST', body, headers, redirect: 'manual' });
    expect(refused.status).toBe(422);
    expect(await place.query(`select address from audit_entry where action = 'sign_in.failed'`)).toEqual([
      { address: '198.51.100.7' },
    ]);
  });
});

describe('e-mail', () => {
  test('takes the mail server of the example', async () => {
    const { output } = await runShell(`${blockText('docs/operating.md#E-mail/1')}\nprintenv SMTP_URL MAIL_FROM`);
    const [smtpUrl, from] = output.trim().split('\n');
    expect(smtpUrl).toContain('requireTLS');
    expect(readEnvironment({ SMTP_URL: smtpUrl!, MAIL_FROM: from! }).mail).toEqual({ smtpUrl, from });
  });
});

describe('setting a plan', () => {
  test('is done while the application runs', async () => {
    const [{ portal_code }] = (await place.query('select portal_code from organisation')) as [{ portal_code: string }];
    const line = withReal(blockText('docs/operating.md#Plans/1'), { '<portal code>': portal_code });
    expect(await runShell(line, { env: place.environment })).toMatchObject({ code: 0 });
    expect(await place.query('select plan from organisation')).toEqual([{ plan: 'corporate' }]);
  }, 60_000);
});

describe('what to watch', () => {
  test('says how much is due, and since when', async () => {
    const due = blockText('docs/operating.md#What to watch/2');
    expect(await place.query(due)).toEqual([{ due: '0', oldest: expect.objectContaining({}) }]);
    receiver.answer = 503;
    await giveAnswer();
    await eventually(
      async () => (await place.query('select 1 from due_attempt where claim_id is null and spent = 1')).length === 1,
    );
    expect(await place.query(due)).toMatchObject([{ due: '0' }]);
    // Nobody takes it now: its webhook has no room.
    await place.query(`update webhook set maximum_concurrency = 1`);
    await place.query(`insert into due_attempt (delivery_id, kind, organisation_id, webhook_id, test, due_at, number, claim_id, claimed_until)
                 select 1, 'automatic', organisation_id, webhook_id, test, now(), 1, gen_random_uuid(), 'infinity' from due_attempt`);
    await place.query(`update due_attempt set due_at = now() - interval '90 seconds' where claim_id is null`);
    const [{ due: count, oldest }] = (await place.query(due)) as [{ due: string; oldest: { minutes: number } }];
    expect([count, oldest.minutes]).toEqual(['1', 1]);
  });

  test('says which webhooks fail, how often in a row and since when', async () => {
    expect(await place.query(blockText('docs/operating.md#What to watch/3'))).toEqual([
      {
        organisation: 'DemoCorp',
        webhook: 'Transactional survey webhook',
        failures: 1,
        failing_since: expect.any(Date),
        circuit_open: false,
      },
    ]);
  });

  test('says what waits for a webhook that is off', async () => {
    const waiting = blockText('docs/operating.md#What to watch/4');
    expect(await place.query(waiting)).toEqual([]);
    await place.query('update webhook set enabled = false');
    expect(await place.query(waiting)).toMatchObject([
      { organisation: 'DemoCorp', webhook: 'Transactional survey webhook', enabled: false, waiting: '1' },
    ]);
    expect(await place.query(blockText('docs/operating.md#What to watch/2'))).toMatchObject([{ due: '0' }]);
  });

  test('says which deliveries failed for good', async () => {
    const failed = blockText('docs/operating.md#What to watch/5');
    expect(await place.query(failed)).toEqual([]);
    await place.query(`delete from due_attempt`);
    await place.query(`update delivery set status = 'failed' where last_outcome = 'rejected'`);
    expect(await place.query(failed)).toEqual([
      { organisation: 'DemoCorp', webhook: 'Transactional survey webhook', last_outcome: 'rejected', failed: '1' },
    ]);
    await place.query('update webhook set enabled = (preset = $$transactional_survey$$), maximum_concurrency = 16');
    receiver.answer = 200;
  });

  test('says how far the partitions go: a year', async () => {
    const rows = await place.query(blockText('docs/operating.md#What to watch/6'));
    const inAYear = new Date();
    inAYear.setUTCMonth(inAYear.getUTCMonth() + 12, 1);
    expect(rows).toHaveLength(8);
    for (const { table, last } of rows as { table: string; last: string }[]) {
      expect(last).toBe(`${table}_${inAYear.toISOString().slice(0, 7).replace('-', '_')}`);
    }
  });

  test('says which tables are large, all months of one together', async () => {
    const rows = await place.query<{ table: string }>(blockText('docs/operating.md#What to watch/7'));
    expect(rows).toHaveLength(10);
    expect(rows.map(({ table }) => table)).toContain('delivery');
    expect(rows.map(({ table }) => table).join()).not.toMatch(/\d/);
  });

  testsWith('curl', () => {
    test('asks whether a process is ready', async () => {
      const line = blockText('docs/operating.md#What to watch/1');
      const ready = await runShell(withReal(line, { ':3000': `:${ports.delivery}` }));
      expect(ready.code).toBe(0);
      expect(JSON.parse(ready.output)).toEqual({
        status: 'ok',
        checks: { database: 'ok', schema: 'ok', delivery: 'ok', partitions: 'ok' },
      });
    });
  });
});

describe('rotating the encryption keys', () => {
  test('a new key is used by the running processes as soon as it is in the file', async () => {
    expect(await runShell(place.commands('docs/operating.md#Encryption keys/1'))).toEqual({ code: 0, output: '' });
    expect((await readFile(place.keysFile, 'utf8')).match(/^k\d/gm)).toEqual(['k2', 'k1']);
    expect((await stat(place.keysFile)).mode & 0o777).toBe(0o600);
    await eventually(async () => {
      await callApi(running(), 'invitations', {
        method: 'POST',
        body: JSON.stringify({ ticketId: `K${randomBytes(4).toString('hex')}`, supportGroupCode: 'SDESK' }),
      });
      const [newest] = await place.query('select token_encrypted from invitation order by id desc limit 1');
      return (newest as { token_encrypted: string }).token_encrypted.startsWith('v1.k2.');
    });
  });

  test('npm run reencrypt puts everything under it, and the old key can go', async () => {
    const line = blockText('docs/operating.md#Encryption keys/2');
    const first = await runShell(line, { env: place.environment });
    expect(first).toMatchObject({
      code: 0,
      output: expect.stringMatching(/encrypted [1-9]\d* of them anew under the key "k2"/),
    });
    const again = await runShell(line, { env: place.environment });
    expect(again).toMatchObject({ code: 0, output: expect.stringMatching(/encrypted 0 of them anew/) });

    expect(await runShell(place.commands('docs/operating.md#Encryption keys/3'))).toEqual({ code: 0, output: '' });
    expect((await readFile(place.keysFile, 'utf8')).match(/^k\d/gm)).toEqual(['k2']);
    // What a webhook's worker has decrypted before would serve it for a minute.
    await place.query('update webhook set version = version');
    const before = receiver.requests.length;
    await giveAnswer();
    const call = (await receiver.received(before + 1, 10_000))[before]!;
    expect(call.headers.authorization).toBe(`Basic ${Buffer.from('answerback:opensesame').toString('base64')}`);
    expect(call.headers['webhook-signature']).toMatch(/^v1,/);
  }, 90_000);
});

/** A block's commands, with the ports that are free here. */
function startCommands(key: string): string {
  const real = { 'PORT=3000': `PORT=${ports.web}`, 'PORT=3001': `PORT=${ports.delivery}` };
  return withReal(place.commands(key), real);
}

function running() {
  return { url: web.url } as Parameters<typeof callApi>[0];
}

async function giveAnswer(): Promise<void> {
  const link = /A survey +https:\/\/answers\.example\.com(\S+)/.exec(processes.output())![1]!;
  const body = new URLSearchParams({ overall: '9', factors: 'Speed', comments: 'Quick.' });
  const response = await fetch(`${web.url}${link}`, { method: 'POST', body, redirect: 'manual' });
  expect(response.status).toBe(303);
}
