import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { buildInvitation, buildOrganisation, type TestOrganisation } from '../support/factories.js';
import { startForwarder, type Forwarder } from '../support/forwarder.js';
import { sendForm, surveyLink } from '../support/survey-visit.js';
import { startWeb, type TestWeb } from '../support/web.js';

let database: TestDatabase;
let way: Forwarder;
let web: TestWeb;
let demo: TestOrganisation;
let link: string;

beforeAll(async () => {
  database = await createTestDatabase();
  way = await startForwarder(database.appUrl);
  web = await startWeb({ ...database, appUrl: way.url }, { PROCESS: 'web' });
  demo = await buildOrganisation(web, null);
  link = surveyLink(web, await buildInvitation(web, demo.survey));
  await way.close();
});
afterAll(async () => {
  await web?.close();
  await database?.drop();
});

const ticketLink = () =>
  `${web.url}/t?tc=ts&sc=demo&cpc=${demo.organisation.portalCode}&tid=INC7&rgid=SDESK&agid=adam&cid=carole`;

describe.each([
  ['an invitation', () => link],
  ['a ticket system’s own link', ticketLink],
])('an answer by %s while there is no database', (_what, address) => {
  it('comes back with all that was typed, to be sent again', async () => {
    const answer = await sendForm(address(), [
      ['overall', '3'],
      ['factors', 'Speed'],
      ['factors', 'Effort'],
      ['comments', 'Too slow.\r\n<b>Twice</b>'],
      ['form', 'one-time-form-id-0001'],
    ]);
    const text = await answer.text();
    expect(answer.status).toBe(503);
    expect(text).toContain('What you wrote is still here: wait a minute and send it again.');
    expect(text).toContain('Too slow.\n&lt;b&gt;Twice&lt;/b&gt;</textarea>');
    expect(text).toMatch(/name="overall" value="3"[^>]* checked/);
    for (const factor of ['Speed', 'Effort']) expect(text).toMatch(new RegExp(`value="${factor}"[^>]* checked`));
    expect(text).not.toMatch(/value="Knowledge"[^>]* checked/);
    // The same one-time id: should the first have arrived after all, the second is none.
    expect(text).toContain('<input type="hidden" name="form" value="one-time-form-id-0001">');
    const { pathname, search } = new URL(address());
    expect(text.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=')).toContain(`action="${pathname}${search}`);
  });

  it('comes back also when it was not complete', async () => {
    const answer = await sendForm(address(), [['comments', 'No score']]);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('No score</textarea>');
  });
});
