import { startReceiver, type Receiver } from '../support/receivers.js';
import { useWeb, type TestWeb, type Visitor } from '../support/web.js';
import { auditedActs, buildStaffed, postedBy, sectionOf, setPlan, statusesOf, textOf, type Staffed } from './people.js';

const PAGE = '/preferences/integration';
const FORM = `${PAGE}/transactional`;
const CANARY = 'canary-Passwort-ü';

let web: TestWeb;
let receiver: Receiver;
let demo: Staffed;

useWeb((started) => {
  web = started;
});
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver?.close());
beforeEach(async () => {
  demo = await buildStaffed(web);
  receiver.requests.length = 0;
  receiver.answer = 200;
});

async function page(query = ''): Promise<string> {
  return (await demo.admin.get(PAGE + query).expect(200)).text;
}

async function section(post: 'transactional' | 'relationship', query = ''): Promise<string> {
  return sectionOf(await page(query), post);
}

async function save(fields: Record<string, string>) {
  return demo.admin.post(FORM, { url: receiver.url('/hook'), username: '', password: '', ...fields });
}

describe('who sees Integration', () => {
  it('is admins and developers', async () => {
    expect(await statusesOf(demo, PAGE)).toEqual([200, 200, 403, 403]);
    expect(await postedBy(demo, FORM, { url: receiver.url() })).toEqual([303, 303, 403, 403]);
    expect(await postedBy(demo, `${FORM}/test-deliveries`, {})).toEqual([303, 303, 403, 403]);
    expect(await postedBy(demo, `${FORM}/signing-secrets`, {})).toEqual([303, 303, 403, 403]);
    expect((await demo.admin.post(`${PAGE}/other`)).status).toBe(404);
  });

  it('is led there by Preferences, everybody else to General', async () => {
    expect((await demo.admin.get('/preferences')).headers.location).toBe(PAGE);
    expect((await (await demo.as('developer')).get('/preferences')).headers.location).toBe(PAGE);
    expect((await (await demo.as('support_lead')).get('/preferences')).headers.location).toBe('/preferences/general');
    expect((await (await demo.as('viewer')).get('/preferences')).headers.location).toBe('/preferences/general');
  });

  it('sees only the tabs they may open', async () => {
    const all = [PAGE, '/preferences/general', '/preferences/api-keys'];
    expect(await tabs(demo.admin)).toEqual([...all, '/members']);
    expect(await tabs(await demo.as('developer'))).toEqual(all);
    expect(await tabs(await demo.as('viewer'))).toEqual(['/preferences/general']);
  });
});

describe('the survey webhook', () => {
  it('is shown off and empty at first, for each listening post', async () => {
    expect(textOf(await section('transactional'))).toContain('Transactional – Off');
    const relationship = textOf(await section('relationship'));
    expect(relationship).toContain('Not yet collecting');
    expect(relationship).toContain('relationship survey is completed, POST it to a URL that is still to be entered');
  });

  it('is saved as the form says, and shown so', async () => {
    const saved = await save({ enabled: 'on', username: 'jürgen', password: CANARY, serviceNowWrapper: 'on' });
    expect([saved.status, saved.headers.location]).toEqual([303, PAGE]);
    const html = await section('transactional');
    expect(html).toContain(`value="${receiver.url('/hook')}"`);
    expect(html).toContain('value="jürgen"');
    expect(html).toMatch(/name="enabled" checked/);
    expect(html).toMatch(/name="serviceNowWrapper" checked/);
    expect(textOf(html)).toContain(
      `When a transactional survey is completed, POST it to 127.0.0.1:${receiver.port} as the survey payload ` +
        'in a ServiceNow wrapper, up to 5 times over 75 minutes.',
    );
    await save({});
    expect(await section('transactional')).not.toMatch(/ checked/);
  });

  it('of another organisation stays as it is', async () => {
    const other = await buildStaffed(web);
    await save({ enabled: 'on' });
    expect((await other.admin.get(PAGE)).text).not.toContain(receiver.url('/hook'));
  });

  it('tells after saving what is on, and a name that cannot be resolved now', async () => {
    await save({ enabled: 'on' });
    expect(await page()).toContain('Saved. The webhook is on.');
    await save({ url: 'https://no-such-host.invalid/hook' });
    expect(textOf(await page())).toMatch(/Saved\. The webhook is off\. Mind: /);
  });

  it.each([
    ['url', { enabled: 'on', url: '' }],
    ['url', { url: 'http://10.0.0.5/hook' }],
    ['url', { url: 'hooks', username: 'typed' }],
    ['username', { username: 'a:b' }],
    ['password', { password: 'a\u0007b' }],
  ])('with a wrong %s (%j) is not saved, and the form comes back as it was typed', async (field, fields) => {
    const refused = await save(fields);
    expect(refused.status).toBe(422);
    const input = new RegExp(`<input[^>]*id="transactional-${field}"[^>]*>`).exec(refused.text)![0];
    expect(input).toContain('aria-invalid="true"');
    expect(input).toContain(`transactional-${field}-error`);
    expect(refused.text).toContain(`id="transactional-${field}-error"`);
    if ('url' in fields) {
      expect(refused.text).toContain(
        `name="url" type="text" inputmode="url" spellcheck="false" autocapitalize="none" value="${fields.url}"`,
      );
    }
    expect(refused.text).not.toContain('a\u0007b');
    expect(await section('transactional')).toContain('autocapitalize="none" value=""');
    expect(await section('relationship')).not.toContain('aria-invalid');
  });

  it('escapes what was typed', async () => {
    const hostile = `"><script>alert(1)</script>`;
    const refused = await save({ url: hostile, username: hostile });
    expect(refused.text).not.toContain('<script>alert');
    expect(refused.text).toContain('&lt;script&gt;alert(1)');
  });
});

describe('the password', () => {
  it('is set, kept, replaced and cleared, and stands in no page', async () => {
    const saved = await save({ username: 'u', password: CANARY });
    expect(saved.text).not.toContain('canary');
    expect(await authorization()).toBe(basic(CANARY));

    await save({ username: 'u' });
    const html = await page();
    expect(html).toContain('A password is saved.');
    expect(html).not.toContain('canary');
    expect(await authorization()).toBe(basic(CANARY));

    await save({ username: 'u', password: 'another' });
    expect(await authorization()).toBe(basic('another'));

    await save({ username: 'u', passwordChange: 'clear' });
    expect(await page()).not.toContain('A password is saved.');
    expect(await authorization()).toBe(basic(''));
  });

  it('has to be entered again for a URL that leads elsewhere', async () => {
    await save({ username: 'u', password: CANARY });
    const refused = await save({ url: 'https://hooks.example.com/', username: 'u' });
    expect(refused.status).toBe(422);
    expect(textOf(refused.text)).toContain('Enter it again, or clear it. The URL leads to another host');
    expect(refused.text).toContain('id="transactional-password-error"');
    expect((await save({ url: 'https://hooks.example.com/', username: 'u', passwordChange: 'clear' })).status).toBe(
      303,
    );
  });

  it('is not repeated in a form that was refused', async () => {
    const refused = await save({ url: 'nonsense', password: CANARY });
    expect(refused.status).toBe(422);
    expect(refused.text).not.toContain('canary');
  });

  it('and the URL’s query stay out of the audit trail, which says who changed what', async () => {
    await save({ enabled: 'on', url: receiver.url('/hook?key=canary'), username: 'u', password: CANARY });
    const acts = await auditedActs(web, demo);
    expect(acts).toEqual([
      {
        action: 'webhook.changed',
        target: 'Transactional survey webhook',
        details: expect.objectContaining({ enabled: true, username: 'u', credentials: 'replaced' }),
      },
    ]);
    expect(JSON.stringify(acts)).not.toContain('canary');
  });
});

describe('on the Basic plan', () => {
  it('the section says which plan it needs, and nothing can be saved or sent', async () => {
    await setPlan(web, demo, 'basic');
    const text = textOf(await page());
    expect(text).toContain('Webhooks need the Corporate or the Enterprise plan');
    expect(await page()).not.toContain('name="url"');
    expect((await save({ enabled: 'on' })).status).toBe(403);
    expect((await demo.admin.post(`${FORM}/test-deliveries`)).status).toBe(403);
    expect((await demo.admin.post(`${FORM}/signing-secrets`)).status).toBe(403);
    await setPlan(web, demo, 'corporate');
    expect(await section('transactional')).toContain('autocapitalize="none" value=""');
  });
});

async function tabs(visitor: Visitor): Promise<string[]> {
  const { text } = await visitor.get('/preferences/general');
  const nav = /<nav class="preferences-tabs"[\s\S]*?<\/nav>/.exec(text)![0];
  return [...nav.matchAll(/href="([^"]+)"/g)].map(([, href]) => href!);
}

/** What a test is authorised by. */
async function authorization(): Promise<string | undefined> {
  receiver.requests.length = 0;
  await demo.admin.post(`${FORM}/test-deliveries`);
  const [request] = await receiver.received(1);
  return request!.headers.authorization;
}

function basic(password: string): string {
  return `Basic ${Buffer.from(`u:${password}`, 'utf8').toString('base64')}`;
}
