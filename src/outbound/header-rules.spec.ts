import { headerProblem, isFramingHeader, maskCredentials } from './header-rules.js';

describe('headerProblem', () => {
  test.each([
    ['X-Custom', 'value'],
    ['Authorization', 'Bearer abc'],
    ['Content-Type', 'application/json; charset=utf-8'],
    ['x-latin', 'café'],
    ['X-Empty', ''],
  ])('%s: %s is fine', (name, value) => {
    expect(headerProblem(name, value)).toBeNull();
  });

  test.each(
    'Host connection Cookie expect Content-Length Transfer-Encoding upgrade TE Trailer Keep-Alive Proxy-Authorization X-Forwarded-For webhook-id Webhook-Signature'.split(
      ' ',
    ),
  )('%s is ours', (name) => {
    expect(headerProblem(name, 'x')).toContain(name);
  });

  test.each(['', 'a b', 'a:b', 'a\r\nb', 'grün', '(x)'])('%j is no header name', (name) => {
    expect(headerProblem(name, 'x')).toContain('header name');
  });

  test.each(['secret\r\nX-Evil: 1', 'secret\n', 'secret\0', 'secret\u007f', 'secret ☃'])(
    '%j is no header value',
    (value) => {
      expect(headerProblem('X-Key', value)).toContain('X-Key');
      expect(headerProblem('X-Key', value)).not.toContain('secret');
    },
  );

  test('only what frames a message is kept from every caller', () => {
    expect(isFramingHeader('HOST')).toBe(true);
    expect(isFramingHeader('proxy-connection')).toBe(true);
    expect(isFramingHeader('webhook-id')).toBe(false);
  });
});

test('credentials are masked, and an authorization keeps its scheme', () => {
  const masked = maskCredentials([
    ['Authorization', 'Basic dGVzdDoxMjPCow=='],
    ['authorization', 'bearer abc def'],
    ['Authorization', 'justthekey and more'],
    ['Proxy-Authorization', 'Basic x'],
    ['Cookie', 'a=b'],
    ['set-cookie', 'a=b'],
    ['X-API-Key', 'k'],
    ['apikey', 'k'],
    ['X-Auth-Token', 't'],
    ['client_secret', 's'],
    ['X-Password', 'p'],
    ['X-Auth', 'p'],
    ['Content-Type', 'application/json'],
    ['X-Author', 'Ada'],
  ]);
  expect(masked.map(([, value]) => value)).toEqual([
    'Basic •••',
    'bearer •••',
    '•••',
    'Basic •••',
    ...Array.from({ length: 8 }, () => '•••'),
    'application/json',
    'Ada',
  ]);
});
