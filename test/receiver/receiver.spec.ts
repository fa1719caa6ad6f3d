import { request as rawRequest } from 'node:http';
import { type TestDatabase } from '../support/app.js';
import { attemptedDelivery, buildWatched, changeWebhook, type Watched } from '../support/log-journey.js';
import { startWeb, Visitor, type TestWeb, useWeb } from '../support/web.js';

let database: TestDatabase;
let web: TestWeb;
let watched: Watched;
let path: string;

useWeb((started, itsDatabase) => {
  web = started;
  database = itsDatabase;
});
beforeEach(async () => {
  watched = await buildWatched(web, null);
  path = `/receiver/${watched.organisation.portalCode}`;
});

describe('the receiver', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])(
    'answers %s, and sets no cookie',
    async (method) => {
      const reply = await call(method, '/below/it?a=1&b=%F0%9F%A6%9C', method === 'GET' ? '' : 'hello');
      expect(reply.status).toBe(200);
      expect(reply.headers['set-cookie']).toBeUndefined();
      expect(reply.body).toBe(method === 'HEAD' ? '' : '{"received":true}');
      const [kept] = await keptCalls();
      expect(kept).toMatchObject({ method, path: `${path}/below/it?a=1&b=%F0%9F%A6%9C`, body_truncated: false });
      expect(kept!.body.toString()).toBe(method === 'GET' ? '' : 'hello');
    },
  );

  it('keeps headers as they came, credentials masked', async () => {
    await call('POST', '', '', {
      Authorization: 'Basic c2VjcmV0',
      'X-Api-Key': 'secret-key',
      Cookie: 'answerback=taste-of-it',
      'X-Custom': 'kept',
    });
    const [kept] = await keptCalls();
    expect(kept!.headers).toEqual(
      expect.arrayContaining([
        ['Authorization', 'Basic •••'],
        ['X-Api-Key', '•••'],
        ['Cookie', '•••'],
        ['X-Custom', 'kept'],
      ]),
    );
  });

  it.each([
    ['broken JSON', 'application/json', Buffer.from('{"a":')],
    ['a form', 'application/x-www-form-urlencoded', Buffer.from('a=1&a=2')],
    ['every byte there is', 'application/octet-stream', Buffer.from(Array.from({ length: 256 }, (_, index) => index))],
    ['what says it is gzip', 'text/plain; charset=nonsense', Buffer.from([0x1f, 0x8b, 0x00])],
  ])('keeps %s untouched', async (_what, type, body) => {
    expect(await call('POST', '', body, { 'Content-Type': type })).toMatchObject({ status: 200 });
    expect((await keptCalls())[0]!.body.equals(body)).toBe(true);
  });

  it('cuts a body at 64 KiB', async () => {
    const limit = 64 * 1024;
    await call('POST', '', Buffer.alloc(limit, 'a'));
    await call('POST', '', Buffer.alloc(3_000_000, 'b'));
    const [cut, whole] = await keptCalls();
    expect([cut!.body.length, cut!.body_truncated]).toEqual([limit, true]);
    expect([whole!.body.length, whole!.body_truncated]).toEqual([limit, false]);
  });

  it('keeps the last hundred of each organisation', async () => {
    const other = await buildWatched(web, null);
    await new Visitor(web).agent.post(`/receiver/${other.organisation.portalCode}`).expect(200);
    for (let made = 0; made < 103; made += 1) {
      await call('POST', `/${made}`);
    }
    const kept = await keptCalls();
    expect(kept.map((row) => row.path.split('/').at(-1))).toEqual(
      Array.from({ length: 100 }, (_, index) => String(102 - index)),
    );
    expect((await keptCalls(other)).length).toBe(1);
  });

  it.each(['nobody', 'a'.repeat(2_000), 'x%F0%9F%A6%9C', "'--"])('has no place under %s', async (code) => {
    const { body } = await new Visitor(web).agent.post(`/receiver/${code}`).send('{}').expect(404);
    expect(body.code).toBe('not_found');
  });

  it('takes real deliveries without an exception in DELIVERY_ALLOWED_NETWORKS', async () => {
    const guarded = await startWeb(database, { DELIVERY_ALLOWED_NETWORKS: '' });
    try {
      const own = await buildWatched(guarded, null);
      const url = `${guarded.url}/receiver/${own.organisation.portalCode}`;
      await changeWebhook(guarded, own, { enabled: true, request: { ...own.webhook.request, url } });
      const id = await attemptedDelivery(guarded, own);
      expect((await own.api.get(`/deliveries/${id}`)).body).toMatchObject({
        status: 'succeeded',
        lastResponse: '{"received":true}',
      });
      const { text } = await own.member.get('/receiver').expect(200);
      expect(text).toContain(id);
      expect(text).toContain('You guys rock!');
    } finally {
      await guarded.close();
    }
  });
});

describe('the page of the receiver', () => {
  it('is for members only, and says where the receiver is', async () => {
    expect((await new Visitor(web).get('/receiver').expect(303)).headers.location).toBe(
      '/sign-in?returnTo=%2Freceiver',
    );
    const { text } = await watched.member.get('/receiver').expect(200);
    expect(text).toContain(`${web.url}${path}`);
    expect(text).toContain('Nothing has arrived yet');
  });

  it('shows what arrived, newest first, whatever it is', async () => {
    await call('POST', '/first', Buffer.from([0x61, 0x00, 0xff]));
    await call('PUT', '/second?<script>', '<script>alert(1)</script>', { 'X-Evil': '"><script>' });
    await call('POST', '/third', Buffer.alloc(70_000, 'a'));
    const { text } = await watched.member.get('/receiver').expect(200);
    expect(text.indexOf('/third')).toBeLessThan(text.indexOf('/second'));
    expect(text.indexOf('/second')).toBeLessThan(text.indexOf('/first'));
    expect(text).toContain('a␀\uFFFD');
    expect(text).toContain('It is not UTF-8 text');
    expect(text).toContain('Cut at 64 KiB');
    expect(text).not.toContain('<script>');
    expect(text).toContain('&lt;script&gt;alert(1)');
  });

  it('shows nothing of another organisation', async () => {
    await call('POST', '/mine', 'mine');
    const other = await buildWatched(web, null);
    expect((await other.member.get('/receiver').expect(200)).text).toContain('Nothing has arrived yet');
  });
});

/** Plain HTTP, because a more comfortable client sends headers of its own and no body with some methods. */
async function call(method: string, below: string, body: string | Buffer = '', headers: Record<string, string> = {}) {
  const { hostname, port } = new URL(web.url);
  const framed = { 'Content-Length': Buffer.byteLength(body), ...headers };
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const options = { hostname, port, method, path: `${path}${below}`, headers: framed, agent: false };
    const outgoing = rawRequest(options, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () =>
        resolve({ status: reply.statusCode!, headers: reply.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

interface KeptCall {
  method: string;
  path: string;
  headers: [string, string][];
  body: Buffer;
  body_truncated: boolean;
}

/** Newest first. */
async function keptCalls({ organisation }: Watched = watched): Promise<KeptCall[]> {
  const { rows } = await web.pool.query<KeptCall>(
    'select * from receiver_call where organisation_id = $1 order by id desc',
    [organisation.id],
  );
  return rows;
}
