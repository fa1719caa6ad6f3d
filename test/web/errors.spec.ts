import { request as rawRequest } from 'node:http';
import { Controller, Get, InternalServerErrorException, Param, ParseIntPipe, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Client } from 'pg';
import supertest from 'supertest';
import { DatabasePool } from '../../src/database/database-pool.js';
import { invalidField, Problem } from '../../src/web/problem.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { startForwarder } from '../support/forwarder.js';
import { buildMember, signIn, startWeb, Visitor, type TestWeb } from '../support/web.js';
import { TestRoutes } from '../support/web-routes.js';

@Controller()
class ErrorRoutes {
  constructor(private readonly database: DatabasePool) {}

  @Get(['test/broken', 'api/test/broken'])
  breakDown(): never {
    throw new Error('canary: secret detail');
  }

  @Get('api/test/broken-with-status')
  breakDownWithStatus(): never {
    throw new InternalServerErrorException('canary: secret detail');
  }

  @Get('api/test/number/:number')
  number(@Param('number', ParseIntPipe) number: number): object {
    return { number };
  }

  @Get('api/test/one-field')
  oneField(): never {
    throw invalidField('url', 'url: give one.');
  }

  @Get('api/test/two-fields')
  twoFields(): never {
    const fields = [
      { field: 'url', message: 'url: give one.' },
      { field: 'username', message: 'username: too long.' },
    ];
    throw new Problem(422, 'invalid_field', 'url: give one.', fields);
  }

  @Get(['test/sql/:state', 'api/test/sql/:state', 's/test/sql/:state'])
  async failInDatabase(@Param('state') state: string): Promise<void> {
    await this.database.query(`do $$ begin raise exception 'canary' using errcode = '${state}'; end $$`);
  }

  @Get('api/test/half')
  half(@Res() response: Response): never {
    response.write('{"half":');
    throw new Error('after the headers');
  }

  @Get('api/test/terminated')
  async terminated(): Promise<void> {
    await this.database.query('select pg_sleep(20) /* to be terminated */');
  }
}

let database: TestDatabase;
let web: TestWeb;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database, {}, [ErrorRoutes, TestRoutes]);
});

afterAll(async () => {
  await web?.close();
  await database?.drop();
});

const get = (path: string) => supertest(web.url).get(path);

describe('an error', () => {
  it('is JSON for programs, whatever they accept', async () => {
    const { body, headers } = await get('/api/v1/nowhere').set('Accept', 'text/html').expect(404);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(body).toEqual({ code: 'not_found', message: 'There is nothing at this address.' });
  });

  it('is a page for people, and JSON for who prefers it', async () => {
    const page = await get('/nowhere<script>').set('Accept', 'text/html').expect(404);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('<h1>Not found</h1>');
    expect(page.text).not.toContain('nowhere');
    expect((await get('/nowhere').set('Accept', '*/*').expect(404)).type).toBe('text/html');
    expect((await get('/nowhere').set('Accept', 'application/json').expect(404)).body.code).toBe('not_found');
  });

  it('for customers is a page without the portal', async () => {
    const page = await get('/s/test/sql/53100').expect(503);
    expect(page.text).toContain('Not available at the moment');
    expect(page.text).not.toContain('Sign');
    expect(page.text).not.toContain('href="/"');
  });

  it('names the method that an address takes', async () => {
    const { body, headers } = await supertest(web.url).delete('/api/test/echo').expect(405);
    expect(headers.allow).toBe('POST');
    expect(body.code).toBe('method_not_allowed');
    await get('/sign-out').expect(405);
    await get('/sign-in').expect(200);
    await supertest(web.url).head('/sign-in').expect(200);
  });

  it('takes upper and lower case as different addresses', async () => {
    await get('/API/v1/surveys').expect(404);
    await get('/Sign-In').expect(404);
    await supertest(web.url).post('/S/test/echo').expect(403);
  });

  it('names the field, and all of them when there are several', async () => {
    const message = 'url: give one.';
    const one = await get('/api/test/one-field').expect(422);
    expect(one.body).toEqual({ code: 'invalid_field', message, field: 'url' });
    const two = await get('/api/test/two-fields').expect(422);
    const fields = [
      { field: 'url', message },
      { field: 'username', message: 'username: too long.' },
    ];
    expect(two.body).toEqual({ code: 'invalid_field', message, field: 'url', fields });
    expect((await get('/api/test/number/x').expect(400)).body.code).toBe('bad_request');
  });

  it('shows who is signed in the navigation', async () => {
    const { email, password } = await buildMember(web);
    const page = await (await signIn(web, email, password)).get('/test/refusal').expect(409);
    expect(page.text).toContain('A call is under way.');
    expect(page.text).toContain(email);
  });
});

describe('an unexpected error', () => {
  it.each(['/api/test/broken', '/api/test/broken-with-status', '/test/broken', '/api/test/sql/22012'])(
    'at %s says nothing but a reference',
    async (path) => {
      const { text } = await get(path).expect(500);
      expect(text).toMatch(/under the reference [0-9a-f]{10}\./);
      expect(text).not.toMatch(/canary|at .*\.ts|node_modules/);
    },
  );

  it('after the headers cuts the connection, so that half an answer does not look whole', async () => {
    await expect(get('/api/test/half')).rejects.toThrow(/aborted|hang up/);
  });
});

describe('a database that cannot be used', () => {
  it.each(['08006', '57P01', '57P03', '25006', '53100', '53300', '40001'])('with %s is a 503', async (state) => {
    const { body, headers } = await get(`/api/test/sql/${state}`).expect(503);
    expect(body.code).toBe('unavailable');
    expect(body.message).toContain('Try again');
    expect(headers['retry-after']).toBe('30');
    const page = await get(`/test/sql/${state}`).expect(503);
    expect(page.text).toContain('Try again');
  });

  it('is a 503 also for a connection that is cut', async () => {
    const waiting = get('/api/test/terminated').expect(503);
    const owner = new Client({ connectionString: database.appUrl });
    await owner.connect();
    const cut = async (): Promise<void> => {
      const { rowCount } = await owner.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where query like '%to be terminated */'`,
      );
      if (!rowCount) setTimeout(() => void cut(), 20);
    };
    const [{ body }] = await Promise.all([waiting, cut()]);
    expect(body.code).toBe('unavailable');
    await owner.end();
  });

  it('is a 503 when there is none, in the session too', async () => {
    const way = await startForwarder(database.appUrl);
    const orphan = await startWeb({ ...database, appUrl: way.url }, { PROCESS: 'web' });
    try {
      const visitor = new Visitor(orphan);
      await visitor.token();
      await way.close();
      const page = await visitor.get('/sign-in').expect(503);
      expect(page.text).toContain('Try again');
      const api = await supertest(orphan.url).get('/api/v1/surveys').set('Authorization', 'Bearer abk_x').expect(503);
      expect(api.body.code).toBe('unavailable');
    } finally {
      await orphan.close();
    }
  });
});

describe('an address', () => {
  it.each([
    '/%E0%A4%A',
    '/%',
    '/?tid=%ff',
    '/s/%ff',
    '/api/v1/%zz',
    '/s/a%00b',
    '/assets/%E0%A4%A',
    '/sign-in?returnTo=%',
  ])('such as %s is refused as damaged', async (path) => {
    const { status, text } = await getExactly(path);
    expect(status).toBe(400);
    expect(text).toContain('This address is damaged');
  });
});

/** Sends the path as it is, which clients otherwise put right. */
function getExactly(path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(web.url);
    const sent = rawRequest({ hostname, port, path }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    });
    sent.on('error', reject).end();
  });
}
