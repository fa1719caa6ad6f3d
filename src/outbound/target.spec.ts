import { bareHost, hostOf, parseTarget, portOf } from './target.js';

const read = (text: string): string => {
  const target = parseTarget(text);
  return target.kind === 'ok' ? hostOf(target.url) : target.reason;
};

describe('parseTarget', () => {
  test.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0X7F.0.0.1/',
    'http://0x7f.1/',
    'http://017700000001/',
    'http://0177.0.0.1/',
    'http://0177.0.0.01/',
    'http://127.1/',
    'http://127.0.1/',
    'http://127.0.0.1./',
    'http://0x7f.0.0.0x1/',
    'http://127.0.0.0x1/',
    'http://%31%32%37.0.0.1/',
    'http://127%2e0%2e0%2e1/',
    'http://127。0。0。1/',
    'http://\uff11\uff12\uff17.\uff10.\uff10.\uff11/',
    'http://127\uff0e0\uff610.1/',
    'http://①②⑦.⓪.⓪.①/',
    'http://𝟏𝟐𝟕.𝟎.𝟎.𝟏/',
    'http://12\u200b7.0.0.1/',
    'http://127\u00ad.0.0.1/',
    'http:\\\\127.0.0.1\\',
    'http:/127.0.0.1/',
    'http:127.0.0.1',
    'http:////127.0.0.1/',
    '  http://127.0.0.1/  ',
    'ht\ntp://127.0.\t0.1/',
    'HTTP://127.0.0.1/',
    'http://127.0.0.1?@example.com/',
    'http://127.0.0.1#@example.com/',
    'http://127.0.0.1\\@example.com/',
    'http://127.0.0.1/\\example.com',
  ])('%j is the loopback address', (text) => {
    expect(read(text)).toBe('127.0.0.1');
  });

  test.each([
    ['http://0/', '0.0.0.0'],
    ['http://0x0/', '0.0.0.0'],
    ['http://2852039166/', '169.254.169.254'],
    ['http://0xA9FEA9FE/', '169.254.169.254'],
    ['http://[::1]/', '::1'],
    ['http://[0:0:0:0:0:0:0:1]/', '::1'],
    ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
    ['http://[::]/', '::'],
    ['http://LOCALHOST/', 'localhost'],
    ['http://localhost./', 'localhost'],
    ['http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/', 'localhost'],
    ['http://local\u00adhost/', 'localhost'],
    ['http://l%6fcalhost/', 'localhost'],
    ['http://a.localhost/', 'a.localhost'],
    ['http://backend/', 'backend'],
    ['http://127.0.0.1.nip.io/', '127.0.0.1.nip.io'],
    ['https://hooks.example.com:8443/a?b=c#d', 'hooks.example.com'],
  ])('%j leads to %s', (text, host) => {
    expect(read(text)).toBe(host);
  });

  test.each([
    '',
    'hooks.example.com',
    '/path',
    'http://',
    'http:///',
    'http://256.0.0.1/',
    'http://1.2.3.4.5/',
    'http://0x100000000/',
    'http://[::1',
    'http://[::1]x/',
    'http://[localhost]/',
    'http://[fe80::1%25eth0]/',
    'http://[fe80::1%eth0]/',
    'http://a%00b/',
    'http://a%2fb/',
    'http://a b/',
    'http://a|b/',
    'http://example.com:99999/',
    'http://example.com:80:80/',
  ])('%j is no URL', (text) => {
    expect(parseTarget(text)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('URL') });
  });

  test.each(['ftp://example.com/', 'file:///etc/passwd', 'gopher://127.0.0.1:6379/_', 'data:,x', 'ws://example.com/'])(
    '%j has a scheme that is not called',
    (text) => {
      expect(read(text)).toContain('https://');
    },
  );

  test.each([
    'http://user@example.com/',
    'http://user:secret@example.com/',
    'http://:secret@example.com/',
    'http://a@b@c/',
  ])('%j carries a username or password, and the reason does not repeat it', (text) => {
    expect(read(text)).toMatch(/^The URL contains a username or password/);
    expect(read(text)).not.toContain('secret');
  });

  test.each([0, 1, 21, 22, 23, 25, 53, 111, 445, 587, 993, 1023, 1433, 1521, 2049, 3306, 5432, 6379, 11211, 27017])(
    'port %d is not called',
    (port) => {
      expect(read(`http://example.com:${port}/`)).toContain(`Port ${port} `);
    },
  );

  test.each([80, 443, 1024, 3000, 8080, 8443, 65535])('port %d is called', (port) => {
    expect(read(`https://example.com:${port}/`)).toBe('example.com');
  });

  test.each(['#secret', '#'])('the fragment %s is dropped, since it is not sent', (fragment) => {
    const target = parseTarget(`https://example.com/a?b${fragment}`);
    expect(target.kind === 'ok' && target.url.href).toBe('https://example.com/a?b');
  });
});

test.each([
  ['https://example.com/', 443],
  ['http://example.com/', 80],
  ['https://example.com:80/', 80],
  ['http://example.com:8443/', 8443],
])('%s is called at port %d', (text, port) => {
  expect(portOf(new URL(text))).toBe(port);
});

test.each([
  ['[::1]', '::1'],
  ['example.com.', 'example.com'],
  ['example.com', 'example.com'],
  ['[::1', '[::1'],
  ['::1]', '::1]'],
  ['a[b]', 'a[b]'],
  ['[a]b', '[a]b'],
  ['a.b', 'a.b'],
])('%s is bare as %s', (host, bare) => {
  expect(bareHost(host)).toBe(bare);
});
