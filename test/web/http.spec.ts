import { once } from 'node:events';
import { connect } from 'node:net';
import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js';
import { Severity } from 'csp_evaluator/dist/finding.js';
import { CspParser } from 'csp_evaluator/dist/parser.js';
import supertest from 'supertest';
import { auditTrail } from '../support/accounts.js';
import { buildMember, useWeb, Visitor, type TestWeb } from '../support/web.js';

let web: TestWeb;

useWeb((started) => {
  web = started;
});

describe('a request', () => {
  it.each([
    ['two lengths', 'Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc'],
    [
      'a length and chunks',
      'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /forged HTTP/1.1\r\n\r\n',
    ],
    ['chunks that are not the last encoding', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
    ['chunks of no size', 'Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n'],
    ['a blank before the colon', 'Content-Length : 3\r\n\r\nabc'],
  ])('with %s is refused as a whole, and nothing after it is read', async (_what, rest) => {
    const answer = await exchange(`POST /receiver/unknown HTTP/1.1\r\nHost: a\r\n${rest}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it.each([
    '/',
    '/sign-in',
    '/s/unknown',
    '/api/v1/surveys',
    '/health/live',
    '/receiver/unknown',
    '/assets/portal.css',
  ])('by TRACE to %s gets nothing of itself back', async (path) => {
    const answer = await exchange(`TRACE ${path} HTTP/1.1\r\nHost: a\r\nX-Canary: canary\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toMatch(/canary/i);
  });

  it('says where it comes from by its connection alone, while no proxy is trusted', async () => {
    const member = await buildMember(web);
    const visitor = new Visitor(web);
    visitor.agent
      .set('X-Forwarded-For', '203.0.113.9')
      .set('X-Real-IP', '203.0.113.9')
      .set('Forwarded', 'for=203.0.113.9');
    expect((await visitor.post('/sign-in', { email: member.email, password: member.password })).status).toBe(303);
    const [line] = await auditTrail(web, member.organisationId);
    expect(line).toMatchObject({ action: 'sign_in', address: '127.0.0.1' });
  });
});

describe('an answer', () => {
  it.each([
    ['/sign-in', 'text/html; charset=utf-8'],
    ['/nowhere', 'text/html; charset=utf-8'],
    ['/s/unknown', 'text/html; charset=utf-8'],
    ['/api/v1/surveys', 'application/json; charset=utf-8'],
    ['/health/ready', 'application/json; charset=utf-8'],
    ['/assets/portal.css', 'text/css; charset=utf-8'],
    ['/assets/portal.js', 'text/javascript; charset=utf-8'],
    ['/assets/icon.svg', 'image/svg+xml; charset=utf-8'],
  ])('at %s says that it is %s', async (path, type) => {
    const { headers } = await supertest(web.url).get(path);
    expect(headers['content-type']).toBe(type);
  });

  it.each(['/sign-in', '/api/v1/surveys', '/s/unknown', '/assets/portal.js'])(
    'at %s is for no other origin to read',
    async (path) => {
      const { headers } = await supertest(web.url).get(path).set('Origin', 'https://evil.example');
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      const asked = await supertest(web.url)
        .options(path)
        .set('Origin', 'https://evil.example')
        .set('Access-Control-Request-Method', 'PUT')
        .set('Access-Control-Request-Headers', 'authorization');
      expect(Object.keys(asked.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    },
  );

  it('has a content security policy in which an independent judge finds no hole', async () => {
    const { headers } = await supertest(web.url).get('/sign-in').expect(200);
    const policy = new CspParser(headers['content-security-policy']!).csp;
    const findings = new CspEvaluator(policy).evaluate();
    const holes = findings.filter(({ severity }) => severity === Severity.HIGH || severity === Severity.SYNTAX);
    expect(holes).toEqual([]);
    expect(policy.getEffectiveDirective('object-src')).toBe('default-src');
    expect(policy.directives).toMatchObject({ 'default-src': ["'none'"], 'base-uri': ["'none'"] });
  });
});

describe('nothing is served that is no page or asset', () => {
  it.each([
    '/.git/HEAD',
    '/.env',
    '/package.json',
    '/assets/',
    '/assets/kit/',
    '/assets/../package.json',
    '/assets/%2e%2e/package.json',
    '/assets/..%2fpackage.json',
    '/assets/..%5cpackage.json',
    '/assets/.git/HEAD',
    '/assets//etc/passwd',
  ])('%s', async (path) => {
    const answer = await exchange(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 40[034] /);
    expect(answer).not.toMatch(/"name"|refs\/|root:/);
  });
});

/** As the bytes say, which no client would send; all that comes until the other side closes. */
async function exchange(bytes: string): Promise<string> {
  const { port, hostname } = new URL(web.url);
  const socket = connect(Number(port), hostname)
    .setEncoding('utf8')
    .setTimeout(5_000, () => socket.destroy());
  let answer = '';
  socket.on('data', (text: string) => (answer += text));
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}
