import { request as rawRequest } from 'node:http';
import {
  Controller,
  Get,
  HttpCode,
  InternalServerErrorException,
  Param,
  ParseIntPipe,
  Post,
  Req,
  Res,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { Client } from 'pg';
import supertest from 'supertest';
import { DatabasePool } from '../../src/database/database-pool.js';
import { invalidField, Problem } from '../../src/web/problem.js';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { buildMember, signIn, startWeb, Visitor, type TestWeb } from '../support/web.js';
import { PortalRoutes } from '../support/web-routes.js';

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

  @Post(['api/test/echo', 's/test/echo', 'receiver/test/echo'])
  @HttpCode(200)
  echo(@Req() request: Request, @Res() response: Response): void {
    const { body } = request as { body?: object };
    response.json({ body: body ?? null, polluted: ({} as { polluted?: unknown }).polluted ?? null });
  }
}

let database: TestDatabase;
let web: TestWeb;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database, {}, [ErrorRoutes, PortalRoutes]);
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

  it('is a 503 when there is none, without a session too', async () => {
    const gone = await createTestDatabase();
    const orphan = await startWeb(gone, { PROCESS: 'web' });
    const visitor = new Visitor(orphan);
    await visitor.token();
    await gone.drop();
    const page = await visitor.get('/sign-in');
    expect(page.status).toBe(503);
    expect(page.text).toContain('Try again');
    const api = await supertest(orphan.url).get('/api/v1/surveys').set('Authorization', 'Bearer abk_x');
    expect(api.status).toBe(503);
    await orphan.close();
  });
});

describe('a body', () => {
  const post = (path: string, type: string) => supertest(web.url).post(path).set('Content-Type', type);

  it('that is no JSON is refused with the reason', async () => {
    for (const broken of ['{"a":', 'text', '"text"', '{"a":1}{"b":2}', '\u0000']) {
      const { body } = await post('/api/test/echo', 'application/json').send(broken).expect(400);
      expect(body.code).toBe('invalid_json');
      expect(body.message).toMatch(/^The body is not valid JSON: /);
    }
  });

  it('in another type, character set or compression is refused', async () => {
    const refused = async (path: string, type: string, code: string) => {
      const answer = await post(path, type).set('Accept', 'application/json').send('{"a":1}').expect(415);
      expect(answer.body.code).toBe(code);
    };
    await refused('/api/test/echo', 'text/plain', 'unsupported_media_type');
    await refused('/api/test/echo', 'application/x-www-form-urlencoded', 'unsupported_media_type');
    await refused('/api/test/echo', 'nonsense', 'unsupported_media_type');
    await refused('/s/test/echo', 'application/json', 'unsupported_media_type');
    await refused('/s/test/echo', 'multipart/form-data; boundary=x', 'unsupported_media_type');
    await refused('/api/test/echo', 'application/json; charset=klingon', 'unsupported_charset');
    await refused('/s/test/echo', 'application/x-www-form-urlencoded; charset=klingon', 'unsupported_charset');
    const packed = post('/api/test/echo', 'application/json').set('Content-Encoding', 'lzma');
    expect((await packed.send('{}').expect(415)).body.code).toBe('unsupported_encoding');
  });

  it('that is too large is refused, and ten thousand emoji are not', async () => {
    const { body } = await post('/api/test/echo', 'application/json')
      .send(JSON.stringify({ a: 'a'.repeat(1024 * 1024) }))
      .expect(413);
    expect(body.code).toBe('too_large');
    await post('/s/test/echo', 'application/x-www-form-urlencoded')
      .send(`a=${'a'.repeat(1024 * 1024)}`)
      .expect(413);
    await post('/s/test/echo', 'application/x-www-form-urlencoded').send('a=1&'.repeat(300)).expect(413);
    const comments = '🐴'.repeat(10_000);
    const kept = await post('/s/test/echo', 'application/x-www-form-urlencoded')
      .send(`comments=${encodeURIComponent(comments)}`)
      .expect(200);
    expect(kept.body.body.comments).toBe(comments);
  });

  it('with the names of prototypes is plain data', async () => {
    const json = await post('/api/test/echo', 'application/json')
      .send('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
      .expect(200);
    expect(json.body.polluted).toBeNull();
    const form = await post('/s/test/echo', 'application/x-www-form-urlencoded')
      .send('__proto__=1&__proto__[polluted]=1&constructor[prototype][polluted]=1&hasOwnProperty=1&a=1&a=2&b[c]=3')
      .expect(200);
    expect(form.body).toEqual({
      body: expect.objectContaining({ a: ['1', '2'], 'b[c]': '3' }),
      polluted: null,
    });
    await get('/sign-in?__proto__=1&returnTo=/a&returnTo=/b&hasOwnProperty=1').expect(200);
  });

  it('with broken percent-encoding is taken as it came', async () => {
    const { body } = await post('/s/test/echo', 'application/x-www-form-urlencoded').send('a=%ff&b=100%&c=%E0%A4%A');
    expect(body.body.b).toBe('100%');
  });

  it('that is missing is no body', async () => {
    const { body } = await supertest(web.url).post('/api/test/echo').expect(200);
    expect(body.body).toBeNull();
  });

  it('to the receiver is left alone, whatever it is', async () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded; charset=klingon', 'nonsense']) {
      const { body } = await post('/receiver/test/echo', type).send('{"a":').expect(200);
      expect(body.body).toBeNull();
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
