import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startWeb, type TestWeb } from '../support/web.js';
import { auditedActs, buildStaffed, postedBy, statusesOf, textOf, type Staffed } from './people.js';

const GENERAL = '/preferences/general';
const KEYS = '/preferences/api-keys';
const HOSTILE = `"><script>alert(1)</script>`;

let database: TestDatabase;
let web: TestWeb;
let demo: Staffed;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database, { PROCESS: 'web' });
});
afterAll(async () => {
  await web?.close();
  await database?.drop();
});
beforeEach(async () => {
  demo = await buildStaffed(web);
});

describe('General', () => {
  it('is read by everybody and changed by admins', async () => {
    expect(await statusesOf(demo, GENERAL)).toEqual([200, 200, 200, 200]);
    const fields = { name: 'New Corp', timeZone: 'Pacific/Auckland' };
    expect(await postedBy(demo, GENERAL, fields)).toEqual([303, 403, 403, 403]);
    const { text } = await (await demo.as('viewer')).get(GENERAL);
    expect(text).not.toContain('name="name"');
    expect(textOf(text)).toContain('Name New Corp Time zone Pacific/Auckland');
    expect(await auditedActs(web, demo)).toEqual([{ action: 'organisation.changed', target: null, details: fields }]);
  });

  it('shows the portal code, the plan with the command that sets it, and the address that customers see', async () => {
    const text = textOf((await demo.admin.get(GENERAL)).text);
    expect(text).toContain(`Portal code ${demo.organisation.portalCode}`);
    expect(text).toContain('Plan Enterprise');
    expect(text).toContain(`npm run plan -- ${demo.organisation.portalCode} enterprise`);
    expect(text).toContain(`Address that customers see ${web.url}`);
  });

  it.each(['UTC', 'Europe/Berlin'])('takes the time zone %s', async (timeZone) => {
    await demo.admin.post(GENERAL, { name: 'DemoCorp', timeZone });
    expect((await demo.admin.get(GENERAL)).text).toContain(`<option selected>${timeZone}</option>`);
  });

  it.each([
    ['name', { name: ' ', timeZone: 'UTC' }],
    ['name', { name: 'x'.repeat(101), timeZone: 'UTC' }],
    ['timeZone', { name: 'Typed', timeZone: 'Nowhere/Atall' }],
    ['timeZone', { name: HOSTILE, timeZone: '+05:30' }],
  ])('refuses a wrong %s beside its field, as typed', async (field, fields) => {
    const refused = await demo.admin.post(GENERAL, fields);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain(`id="organisation-${field}-error"`);
    expect(refused.text).not.toContain('<script>alert');
    if (field === 'timeZone') {
      expect(textOf(refused.text.replace(/.*id="organisation-name"[^>]*value="([^"]*)"/s, '$1'))).toContain(
        fields.name === HOSTILE ? '&quot;&gt;&lt;script&gt;' : 'Typed',
      );
    }
    expect((await demo.admin.get(GENERAL)).text).toContain('value="DemoCorp"');
  });
});

describe('API keys', () => {
  it('belong to admins and developers', async () => {
    expect(await statusesOf(demo, KEYS)).toEqual([200, 200, 403, 403]);
    expect(await postedBy(demo, KEYS, { name: 'reporting' })).toEqual([303, 303, 403, 403]);
    expect(await postedBy(demo, `${KEYS}/999999999/revocation`, {})).toEqual([404, 404, 403, 403]);
  });

  it('are shown once, work, say when they were last used, and are revoked', async () => {
    const made = await demo.admin.post(KEYS, { name: 'reporting' });
    const shown = await demo.admin.get(made.headers.location!);
    const key = /value="(abk_[\w-]+)"/.exec(shown.text)![1]!;
    for (const path of [made.headers.location!, KEYS]) {
      expect((await demo.admin.get(path)).text).not.toContain('abk_');
    }
    expect(textOf(shown.text)).toMatch(/reporting \d+ \w+ \d{4}, .* Never ✓ Valid/);

    const ask = () => fetch(`${web.url}/api/v1/surveys`, { headers: { Authorization: `Bearer ${key}` } });
    expect((await ask()).status).toBe(200);
    const used = await demo.admin.get(KEYS);
    expect(textOf(used.text)).not.toContain('Never');

    const revocation = /action="([^"]+\/revocation)"/.exec(used.text)![1]!;
    expect((await demo.admin.post(revocation)).status).toBe(303);
    expect((await ask()).status).toBe(401);
    expect(textOf((await demo.admin.get(KEYS)).text)).toContain('✕ Revoked');
    expect((await demo.admin.post(revocation)).status).toBe(404);

    const acts = await auditedActs(web, demo);
    expect(acts.map(({ action, target }) => [action, target])).toEqual([
      ['api_key.made', 'reporting'],
      ['api_key.revoked', 'reporting'],
    ]);
    expect(JSON.stringify(acts)).not.toContain('abk_');
  });

  it('need a name, which is escaped', async () => {
    const refused = await demo.admin.post(KEYS, { name: ' ' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('id="key-name-error"');
    await demo.admin.post(KEYS, { name: HOSTILE });
    expect((await demo.admin.get(KEYS)).text).not.toContain('<script>alert');
  });

  it('of another organisation are neither seen nor revoked', async () => {
    const other = await buildStaffed(web);
    await other.admin.post(KEYS, { name: 'theirs' });
    const revocation = /action="([^"]+\/revocation)"/.exec((await other.admin.get(KEYS)).text)![1]!;
    expect((await demo.admin.get(KEYS)).text).not.toContain('theirs');
    expect((await demo.admin.post(revocation)).status).toBe(404);
  });
});

describe('npm run plan', () => {
  it('sets the plan of the organisation with this portal code, and says so in its audit trail', async () => {
    const { stdout } = await run(demo.organisation.portalCode, 'basic');
    expect(stdout).toContain('is on the plan basic');
    expect(textOf((await demo.admin.get(GENERAL)).text)).toContain('Plan Basic');
    expect(await auditedActs(web, demo)).toEqual([
      expect.objectContaining({ action: 'organisation.plan_set', details: { from: 'enterprise', to: 'basic' } }),
    ]);
  });

  it.each([
    [['nobody', 'basic'], /No organisation has the portal code "nobody"/],
    [['x', 'gold'], /Usage: npm run plan/],
    [[], /Usage: npm run plan/],
  ])('with %j refuses and says why', async (words, reason) => {
    await expect(run(...words)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(reason) });
  });
});

function run(...words: string[]) {
  const variables = { DATABASE_URL: database.appUrl, ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}` };
  const command = join(import.meta.dirname, '../../dist/set-plan.js');
  return promisify(execFile)(process.execPath, [command, ...words], { env: { ...process.env, ...variables } });
}
