import { headerProblem, isFramingHeader } from './header-rules.js';

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
