import supertest from 'supertest';
import { createTestDatabase, type TestDatabase } from '../support/app.js';
import { startWeb, type TestWeb } from '../support/web.js';
import { TestRoutes } from '../support/web-routes.js';

let database: TestDatabase;
let web: TestWeb;

beforeAll(async () => {
  database = await createTestDatabase();
  web = await startWeb(database, { PROCESS: 'web' }, [TestRoutes]);
});

afterAll(async () => {
  await web?.close();
  await database?.drop();
});

const post = (path: string, type: string) => supertest(web.url).post(path).set('Content-Type', type);

describe('a body', () => {
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
    await supertest(web.url).get('/sign-in?__proto__=1&returnTo=/a&returnTo=/b&hasOwnProperty=1').expect(200);
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
