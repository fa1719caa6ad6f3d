import { headerProblem, isFramingHeader, isHeaderName, isHeaderValue, isReservedHeader } from './header-rules.js';

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

describe('a header that is refused', () => {
  test('is told why, and never by its value', () => {
    expect(headerProblem('a b', 'x')).toBe('A header name consists of letters, digits and hyphens, without spaces.');
    expect(headerProblem('X-Key', 'a\nb')).toBe(
      'The value of X-Key contains a line break or a character that headers cannot carry.',
    );
    expect(headerProblem('Host', 'x')).toBe('The header Host is set by Answerback itself and cannot be chosen.');
  });
});

test('a name has every character of a token, and at most 256 of them', () => {
  expect(isHeaderName("!#$%&'*+-.^_`|~09AZaz")).toBe(true);
  expect(isHeaderName('x'.repeat(256))).toBe(true);
  expect(isHeaderName('x'.repeat(257))).toBe(false);
  for (const character of '"(),/:;<=>?@[\\]{} \t\u007f') {
    expect([character, isHeaderName(`x${character}`)]).toEqual([character, false]);
    expect([character, isHeaderName(`${character}x`)]).toEqual([character, false]);
  }
});

test('a value has tabs, visible characters and Latin-1', () => {
  expect(isHeaderValue('\t ~\u0080\u00ff')).toBe(true);
  for (const character of ['\u0000', '\u001f', '\u007f', '\u0100', '\r', '\n']) {
    expect([character, isHeaderValue(`x${character}`)]).toEqual([character, false]);
    expect([character, isHeaderValue(`${character}x`)]).toEqual([character, false]);
  }
});

test('what only looks like one of ours is free', () => {
  for (const name of ['My-X-Forwarded-For', 'My-Webhook-Id', 'Webhook', 'X-Forwarded', 'Cookies', 'My-Proxy-Mode']) {
    expect([name, isReservedHeader(name)]).toEqual([name, false]);
  }
  expect(isFramingHeader('cookie')).toBe(false);
});
