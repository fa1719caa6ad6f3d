import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { answer, buildInvitation } from '../support/factories.js';
import { startWeb, type TestWeb } from '../support/web.js';
import { auditedActs, buildStaffed, postedBy, statusesOf, textOf, type Staffed } from './people.js';

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

const directory = async (query = '') => (await demo.admin.get(`/directory${query}`).expect(200)).text;

describe('the directory', () => {
  it('is read by everybody and edited by all but viewers', async () => {
    expect(await statusesOf(demo, '/directory')).toEqual([200, 200, 200, 200]);
    const edit = /href="(\/directory\/segments\/\d+)"/.exec(await directory())![1]!;
    expect(await statusesOf(demo, edit)).toEqual([200, 200, 200, 403]);
    expect(await postedBy(demo, edit, { code: 'NZ', name: 'Aotearoa' })).toEqual([303, 303, 303, 403]);
    expect(await postedBy(demo, '/directory/segments', { code: 'NZ', name: 'x' })).toEqual([422, 422, 422, 403]);
    const { text } = await (await demo.as('viewer')).get('/directory');
    expect(text).not.toMatch(/method="post" action="\/directory|>Edit/);
    expect(text).toContain('Aotearoa');
  });

  it('takes new groups and segments, and changed ones', async () => {
    await demo.admin.post('/directory/support-groups', { code: 'NET_OPS-2', name: 'Network Operations' });
    await demo.admin.post('/directory/segments', { code: 'Zürich', name: 'Zürich' });
    expect(textOf(await directory())).toMatch(/NET_OPS-2 ?Network Operations.*Zürich ?Zürich/);
    const edit = /href="(\/directory\/support-groups\/\d+)">Edit<span class="visually-hidden"> NET_OPS-2/.exec(
      await directory(),
    )![1]!;
    await demo.admin.post(edit, { code: 'NETOPS', name: 'Networks' });
    expect(textOf(await directory())).toMatch(/NETOPS ?Networks/);
    expect((await auditedActs(web, demo)).map(({ action, target }) => [action, target])).toEqual([
      ['support_group.added', 'NET_OPS-2'],
      ['segment.added', 'Zürich'],
      ['support_group.changed', 'NET_OPS-2'],
    ]);
  });

  it.each([
    ['code', 'support-groups', { code: 'SDESK', name: 'Again' }],
    ['code', 'support-groups', { code: '', name: 'None' }],
    ['code', 'support-groups', { code: 'R&D', name: 'Research' }],
    ['code', 'support-groups', { code: HOSTILE, name: HOSTILE }],
    ['code', 'segments', { code: 'NONE', name: 'No Segment' }],
    ['name', 'segments', { code: 'AU', name: ' ' }],
  ])('refuses a wrong %s of %s (%j), as typed', async (field, kind, entry) => {
    const refused = await demo.admin.post(`/directory/${kind}`, entry);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain(`id="${kind}-${field}-error"`);
    expect(refused.text).toMatch(new RegExp(`id="${kind}-${field}"[^>]*aria-invalid="true"`));
    expect(refused.text).not.toContain('<script>alert');
    if (entry.code !== HOSTILE) {
      expect(refused.text).toContain(`value="${entry.code.replace('&', '&amp;')}"`);
    }
    const other = kind === 'segments' ? 'support-groups' : 'segments';
    expect(refused.text).not.toContain(`id="${other}-${field}-error"`);
  });

  it('refuses to give a code twice when one is edited', async () => {
    await demo.admin.post('/directory/segments', { code: 'AU', name: 'Australia' });
    const edit = /href="(\/directory\/segments\/\d+)">Edit<span class="visually-hidden"> AU/.exec(
      await directory(),
    )![1]!;
    const refused = await demo.admin.post(edit, { code: 'NZ', name: 'Typed' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('NZ is there already.');
    expect(refused.text).toContain('value="Typed"');
  });

  it('of another organisation is neither seen nor edited, and its codes are free here', async () => {
    const other = await buildStaffed(web);
    await other.admin.post('/directory/segments', { code: 'THEIRS', name: 'Theirs' });
    const { text } = await other.admin.get('/directory');
    const edit = /href="(\/directory\/segments\/\d+)">Edit<span class="visually-hidden"> THEIRS/.exec(text)![1]!;
    expect(await directory()).not.toContain('THEIRS');
    expect((await demo.admin.get(edit)).status).toBe(404);
    expect((await demo.admin.post(edit, { code: 'OURS', name: 'Ours' })).status).toBe(404);
    expect((await demo.admin.post('/directory/segments', { code: 'THEIRS', name: 'Ours' })).status).toBe(303);
    expect((await demo.admin.get('/directory/nothing/1')).status).toBe(404);
  });
});

describe('data errors', () => {
  it('are none while every code has a name', async () => {
    await answered('SDESK', 'NZ', 'NONE');
    await answered('SDESK', '');
    expect(textOf(await directory())).toContain('✓ None. Every code in your answers has a name.');
  });

  it('list what matches nothing, with counts, and lead to a form that is filled in', async () => {
    await answered('NETOPS', 'AU', 'AU');
    await answered('NETOPS', 'NZ');
    await answered('R&D', 'SDESK');
    const html = await directory();
    const text = textOf(html.slice(html.indexOf('id="data-errors"')));
    expect(text).toMatch(/NETOPS ?support group ?2 answers/);
    expect(text).toMatch(/AU ?segment ?1 answer(?!s)/);
    expect(text).toMatch(/SDESK ?segment ?1 answer/);
    expect(text).toMatch(/R&amp;D ?support group ?1 answer ?Correct it in your ticket system/);

    const add = /href="([^"]+code&#x3D;NETOPS)#support-groups-add"/.exec(html)![1]!;
    const filledIn = await demo.admin.get(add.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&'));
    expect(filledIn.text).toContain('id="support-groups-code" name="code" value="NETOPS"');
    await demo.admin.post('/directory/support-groups', { code: 'NETOPS', name: 'Network Operations' });
    const healed = await directory();
    expect(textOf(healed.slice(healed.indexOf('id="data-errors"')))).not.toContain('NETOPS');
  });

  it('of another organisation are not ours', async () => {
    const other = await buildStaffed(web);
    await answer(web, other.survey, await buildInvitation(web, other.survey, { supportGroupCode: 'THEIRS' }));
    expect(await directory()).not.toContain('THEIRS');
  });
});

async function answered(supportGroupCode: string, segmentCode: string, segment2Code = ''): Promise<void> {
  const ticket = { supportGroupCode, segmentCode, segment2Code };
  await answer(web, demo.survey, await buildInvitation(web, demo.survey, ticket));
}
