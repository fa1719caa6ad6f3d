import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { buildInvitation, buildOrganisation } from '../support/factories.js';
import { startForwarder, type Forwarder } from '../support/forwarder.js';
import { sendForm, surveyLink } from '../support/survey-visit.js';
import { startWeb, type TestWeb } from '../support/web.js';

let database: TestDatabase;
let way: Forwarder;
let web: TestWeb;
/** In nobody's way but where it locks. */
let owner: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  way = await startForwarder(database.appUrl);
  web = await startWeb({ ...database, appUrl: way.url }, { PROCESS: 'web' });
  owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner?.end();
  await web?.close();
  await way?.close();
  await database?.drop();
});

it('an answer that is saved while the way to the database breaks is one, when it is sent again as the page says', async () => {
  const { survey } = await buildOrganisation(web, null);
  const link = surveyLink(web, await buildInvitation(web, survey));
  const fields = [
    ['overall', '4'],
    ['comments', 'Once'],
  ] as [string, string][];

  await owner.query('begin; lock table event_pending');
  const sent = sendForm(link, [...fields, ['form', 'one-time-form-id-0002']]);
  const WAITING = `select from pg_locks where not granted and relation = 'event_pending'::regclass`;
  await eventually(async () => (await rows(WAITING)).length > 0);
  way.cut();
  const page = await sent;
  await owner.query('rollback');
  await eventually(async () => (await rows('select from submission')).length === 1);

  expect(page.status).toBe(503);
  const [, formId] = /name="form" value="([^"]+)"/.exec(await page.text())!;
  expect((await sendForm(link, [...fields, ['form', formId!]])).status).toBe(303);
  expect(await rows('select overall, comments from submission')).toEqual([{ overall: 4, comments: 'Once' }]);
  expect(await rows('select from event')).toHaveLength(1);
});

async function rows(sql: string): Promise<unknown[]> {
  return (await owner.query(sql)).rows;
}
