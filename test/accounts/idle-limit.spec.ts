import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { buildMember, signIn, startWeb, type TestWeb, type Visitor } from '../support/web.js';

let database: TestDatabase;
let web: TestWeb;
let member: Visitor;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database);
  const { email, password } = await buildMember(web);
  member = await signIn(web, email, password);
});
afterAll(async () => {
  await web?.close();
  await database?.drop();
});

/** As if the member had last done something an hour ago. */
async function anHourPasses(): Promise<Date> {
  await web.pool.query(`
    update session
       set expire = expire - interval '1 hour',
           sess = jsonb_set(sess::jsonb, '{cookie,expires}', to_jsonb(expire - interval '1 hour'))::json`);
  return expiry();
}

async function expiry(): Promise<Date> {
  const { rows } = await web.pool.query<{ expire: Date }>('select expire from session where member_id is not null');
  return rows[0]!.expire;
}

test('a person who opens a page has eight hours again', async () => {
  const before = await anHourPasses();
  await member.get('/dashboard').expect(200);
  expect((await expiry()).getTime()).toBeGreaterThan(before.getTime() + 30 * 60_000);
});

test('a page that asks for its own news does not keep its member signed in', async () => {
  const before = await anHourPasses();
  await member.get('/webhook-log').set('X-Answerback-Background', 'true').expect(200);
  expect(Math.abs((await expiry()).getTime() - before.getTime())).toBeLessThan(2_000);
});
