import type { Invitation } from '../../src/invitations/invitation.entity.js';
import { buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { sendForm as send, surveyLink } from '../support/survey-visit.js';
import { useWeb, type TestWeb } from '../support/web.js';

let web: TestWeb;
let demo: TestOrganisation;

useWeb((started) => {
  web = started;
});
beforeAll(async () => {
  demo = await buildOrganisation(web, null);
});

const linkOf = (invitation: Invitation) => surveyLink(web, invitation);

async function rows(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await web.pool.query(sql, values)).rows;
}

describe('whatever a person can type or paste is kept or cleanly refused', () => {
  const wide = '😀'.repeat(10_000);
  test.each([
    ['emoji', 'Great 👩‍👩‍👧‍👦 👍🏽', 'Great 👩‍👩‍👧‍👦 👍🏽'],
    ['right-to-left', 'שלום \u202Eעולם', 'שלום \u202Eעולם'],
    ['HTML', '<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['U+0000', 'a\0b', 'a\uFFFDb'],
    ['line breaks', 'a\r\nb\rc\nd\u0085e\u2028f\u2029g', 'a\nb\rc\nd\u0085e\u2028f\u2029g'],
    ['10,000 wide characters', wide, wide],
    ['backslashes and quotes', `\\"'\`\\u0000`, `\\"'\`\\u0000`],
  ])('%s', async (_what, typed, kept) => {
    const invitation = await buildInvitation(web, demo.survey);
    expect(
      (
        await send(linkOf(invitation), [
          ['overall', '8'],
          ['comments', typed],
        ])
      ).status,
    ).toBe(303);
    expect(await rows('select comments from response where invitation_id = $1', [invitation.id])).toEqual([
      { comments: kept },
    ]);
  });

  test.each([
    ['half a surrogate pair', 'overall=8&comments=%ED%A0%80x', 303],
    ['bytes that are no UTF-8', 'overall=8&comments=%ff%fe', 303],
    ['broken percent-encoding', 'overall=8&comments=%zz%', 303],
    ['10,001 characters', `overall=8&comments=${'x'.repeat(10_001)}`, 422],
    ['a list for a score', 'overall[]=8', 422],
    ['an object for a score', 'overall[a]=8&__proto__[overall]=9', 422],
    ['nothing', '', 422],
    ['megabytes', `overall=8&comments=${'x'.repeat(2_000_000)}`, 413],
  ])('%s', async (_what, body, status) => {
    const invitation = await buildInvitation(web, demo.survey);
    expect((await send(linkOf(invitation), body)).status).toBe(status);
  });

  test('a body of another kind', async () => {
    const invitation = await buildInvitation(web, demo.survey);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'nonsense']) {
      const response = await fetch(linkOf(invitation), {
        method: 'POST',
        body: '{"a":',
        headers: { 'Content-Type': type },
      });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
    }
  });
});
