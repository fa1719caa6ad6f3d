import { auditTrail } from '../support/accounts.js';
import { answer, buildInvitation } from '../support/factories.js';
import { buildWatched, type Watched } from '../support/log-journey.js';
import { Visitor, type TestWeb, useWeb } from '../support/web.js';

let web: TestWeb;
let watched: Watched;

useWeb((started) => {
  web = started;
});
beforeEach(async () => {
  watched = await buildWatched(web, null);
});

describe('the notes of a response', () => {
  it('begin with the response in full', async () => {
    const text = await page(
      await answered(
        { ticketId: 'INC123456', customerName: 'Carole Customer', customerEmail: 'carole@example.com' },
        { overall: 0, factors: ['Speed', 'Effort'], comments: 'Too slow,\n  <b>again</b>' },
      ),
    );
    expect(text).toContain('Service recovery: ticket INC123456');
    expect(text).toContain('<strong>0</strong>');
    expect(text).toContain('Detractor');
    expect(text).toMatch(/✕<\/span> Speed:<\/span> could be better/);
    expect(text).toMatch(/✕<\/span> Effort:<\/span> could be better/);
    expect(text).not.toContain('Knowledge');
    expect(text).toContain('Too slow,\n  &lt;b&gt;again&lt;/b&gt;');
    expect(text).toContain('Carole Customer, carole.customer, carole@example.com');
    expect(text).toContain('Service Desk (SDESK)');
    expect(text).toContain('New Zealand (NZ)');
    expect(text).toContain('No Segment');
    expect(text).toContain('Survey for DemoCorp (English)');
    expect(text).toContain('No notes yet.');
  });

  it('show praise as praise, and a code that nothing matches as it is', async () => {
    const id = await answered({ supportGroupCode: 'NEW<1>' }, { overall: 9, factors: ['Knowledge'], comments: '' });
    const text = await page(id);
    expect(text).toContain('Promoter');
    expect(text).toMatch(/✓<\/span> Knowledge:<\/span> done well/);
    expect(text).toContain('<dd>NEW&lt;1&gt;</dd>');
    expect(text).toContain('No comment.');
  });

  it('are added by members, under their names, in order', async () => {
    const id = await answered();
    const reply = await addNote(id, 'Called back.\r\n  <i>Agreed</i> 🦜');
    expect(reply.status).toBe(303);
    expect(reply.headers.location).toBe(`/service-recovery-notes?id=${id}`);
    expect(await page(id)).toMatch(/class="alert alert-success"[^>]*><span[^>]*>✓<\/span> <span>Note added\./);
    await addNote(id, 'Second');
    const text = await page(id);
    expect(text).toContain('<strong>Mary Member</strong>');
    expect(text).toContain('Called back.\n  &lt;i&gt;Agreed&lt;/i&gt; 🦜');
    expect(text.indexOf('Called back.')).toBeLessThan(text.indexOf('Second'));
    expect(await page(id)).not.toContain('class="alert');
  });

  it('leave a line in the audit trail, without their text', async () => {
    const id = await answered();
    await addNote(id, 'canary');
    const lines = await auditTrail(web, watched.organisation.id);
    expect(lines.at(-1)).toMatchObject({ action: 'note.added', target: `Response ${id}` });
    expect(lines.at(-1)!.actor_email).toMatch(/@/);
    expect(JSON.stringify(lines)).not.toContain('canary');
  });

  it.each([
    ['', 'Write something first.'],
    ['  \r\n ', 'Write something first.'],
    ['<b>' + 'x'.repeat(5_000), 'A note has at most 5,000 characters; this one has 5,003.'],
  ])('refuse what cannot be a note, and keep what was typed', async (typed, error) => {
    const id = await answered();
    const { status, text } = await addNote(id, typed);
    expect(status).toBe(422);
    expect(text).toContain(error);
    expect(text).toContain(`\n${typed.replaceAll('\r\n', '\n').replace('<b>', '&lt;b&gt;')}</textarea>`);
    expect(await page(id)).toContain('No notes yet.');
  });

  it('take what no text column can hold', async () => {
    const id = await answered();
    expect((await addNote(id, 'a\0b')).status).toBe(303);
    expect(await page(id)).toContain('a\uFFFDb');
  });

  it.each(['', '?id=', '?id=0', '?id=abc', '?id=1&id=2', '?id=999999999999999', '?id=99999999999999999999', '?id=1.0'])(
    'are not found at %s',
    async (query) => {
      const { text } = await watched.member.get(`/service-recovery-notes${query}`).expect(404);
      expect(text).toContain('was not found');
    },
  );

  it('of another organisation are neither shown nor taken', async () => {
    const id = await answered();
    const other = await buildWatched(web, null);
    await other.member.get(`/service-recovery-notes?id=${id}`).expect(404);
    const reply = await other.member.post('/service-recovery-notes', { id: String(id), text: 'Mine' });
    expect(reply.status).toBe(404);
    expect(await page(id)).toContain('No notes yet.');
  });

  it('are for members only, who come back here after signing in', async () => {
    const id = await answered();
    const { headers } = await new Visitor(web).get(`/service-recovery-notes?id=${id}`).expect(303);
    expect(headers.location).toBe(`/sign-in?returnTo=${encodeURIComponent(`/service-recovery-notes?id=${id}`)}`);
    await watched.member.send('/service-recovery-notes', { id: String(id), text: 'No token' }).expect(403);
  });
});

async function answered(
  ticket: Parameters<typeof buildInvitation>[2] = {},
  answers: Parameters<typeof answer>[3] = {},
): Promise<number> {
  const invitation = await buildInvitation(web, watched.survey, ticket);
  await answer(web, watched.survey, invitation, answers);
  const { rows } = await web.pool.query<{ id: number }>('select id from response where invitation_id = $1', [
    invitation.id,
  ]);
  return rows[0]!.id;
}

async function page(id: number): Promise<string> {
  return (await watched.member.get(`/service-recovery-notes?id=${id}`).expect(200)).text;
}

/** As the page's form sends it. */
async function addNote(id: number, text: string) {
  const form = await page(id);
  const action = /<form method="post" action="(\/service[^"]*)"/.exec(form)![1]!;
  expect(form).toContain(`<input type="hidden" name="id" value="${id}">`);
  return watched.member.post(action, { id: String(id), text });
}
