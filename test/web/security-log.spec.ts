import { Controller, Get, Logger, type LoggerService } from '@nestjs/common';
import supertest from 'supertest';
import { createApiKey } from '../../src/accounts/create-api-key.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { buildMember, signIn, startWeb, Visitor, type TestWeb } from '../support/web.js';

@Controller()
class BrokenRoutes {
  @Get('api/test/broken')
  breakDown(): never {
    throw new Error('canary');
  }
}

let database: TestDatabase;
let web: TestWeb;
const lines: string[] = [];
const keep = (...words: unknown[]) => void lines.push(words.join(' '));

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database, {}, [BrokenRoutes]);
  Logger.overrideLogger({ log: keep, warn: keep, error: keep } satisfies LoggerService);
});
beforeEach(() => lines.splice(0));
afterAll(async () => {
  Logger.overrideLogger(false);
  await web?.close();
  await database?.drop();
});

describe('the log tells', () => {
  it('of a member who asked for what their role does not include', async () => {
    const { email, password, memberId } = await buildMember(web, { role: 'viewer' });
    await (await signIn(web, email, password)).get('/audit?before=1').expect(403);
    expect(lines).toEqual([`Refused: GET /audit (role_not_allowed), member ${memberId}, from 127.0.0.1 Errors`]);
  });

  it('of a form that came from elsewhere, and whose session it would have used', async () => {
    const { email, password, memberId } = await buildMember(web);
    const visitor = await signIn(web, email, password);
    await visitor.agent.post('/account/name').set('Sec-Fetch-Site', 'cross-site').expect(403);
    expect(lines).toEqual([
      `Refused: POST an address of the portal (foreign_request), member ${memberId}, from 127.0.0.1 Errors`,
    ]);
  });

  it('of an API key that opens nothing, without the key', async () => {
    const { organisationId } = await buildMember(web);
    const key = await createApiKey(web.orm.em.fork(), organisationId, 'Revoked');
    await web.pool.query('update api_key set revoked_at = clock_timestamp() where organisation_id = $1', [
      organisationId,
    ]);
    for (const given of [key, 'abk_unknown']) {
      await supertest(web.url).get('/api/v1/surveys').set('Authorization', `Bearer ${given}`).expect(401);
    }
    expect(lines).toEqual(
      Array(2).fill('Refused: GET /api/v1/surveys (invalid_api_key), nobody signed in, from 127.0.0.1 Errors'),
    );
  });

  it('of a wrong password, also for an e-mail that nobody has, without what was typed', async () => {
    const { email } = await buildMember(web);
    for (const typed of [email, 'nobody@example.com']) {
      await new Visitor(web).post('/sign-in', { email: typed, password: 'canary' });
    }
    expect(lines).toEqual(Array(2).fill('A password was wrong, from 127.0.0.1. SignInThrottle'));
  });

  it('of an unexpected error under the reference that the answer names, with its stack', async () => {
    const { body } = await supertest(web.url).get('/api/test/broken').expect(500);
    const [, reference] = /reference ([0-9a-f]{10})/.exec(body.message)!;
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^Reference ${reference}: GET failed unexpectedly\\. Error: canary`));
    expect(lines[0]).toContain('at BrokenRoutes.breakDown');
  });
});
