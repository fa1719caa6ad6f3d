import { maskCredentials, maskUrl } from './mask-credentials.js';

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

test('credentials in the address of a redirect are masked', () => {
  expect(maskCredentials([['Location', 'https://b.example/?token=s3cret&a=1']])).toEqual([
    ['Location', 'https://b.example/?token=•••&a=1'],
  ]);
});

test('credentials are told from other headers by name, however many names there were before, and however long', () => {
  const headers = Array.from({ length: 3_000 }, (_, index): [string, string] => [
    `X-${index % 2 === 0 ? 'Token' : 'Plain'}-${index}${'-long'.repeat(index % 30)}`,
    's3cret',
  ]);
  const expected = headers.map(([name], index) => [name, index % 2 === 0 ? '•••' : 's3cret']);

  expect(maskCredentials(headers)).toEqual(expected);
  expect(maskCredentials(headers)).toEqual(expected);
});

test.each([
  ['https://h.example/hook?token=s3cret', 'https://h.example/hook?token=•••'],
  ['https://h.example/hook?a=1&api_key=s3cret&b=2', 'https://h.example/hook?a=1&api_key=•••&b=2'],
  [
    'https://h.example/?KEY=s3&x-Api-Key=s3&accessKey=s3#top',
    'https://h.example/?KEY=•••&x-Api-Key=•••&accessKey=•••#top',
  ],
  ['https://h.example/?client%5Fsecret=s3&pass%77ord=s3', 'https://h.example/?client%5Fsecret=•••&pass%77ord=•••'],
  ['https://h.example/?sig=a%2Fb%3D&code=s3;pwd=s3', 'https://h.example/?sig=•••&code=•••;pwd=•••'],
  ['https://h.example/?X-Amz-Signature=s3==', 'https://h.example/?X-Amz-Signature=•••'],
  ['https://caller:s3@h.example:8443/a', 'https://•••@h.example:8443/a'],
])('the secrets in %s are masked', (url, masked) => {
  expect(maskUrl(url)).toBe(masked);
});

test.each([
  'https://h.example/token=abc/key',
  'https://h.example/?monkey=1&author=Ada&encode=1&design=2&compass=n&empty=&flag',
  'https://h.example/?mail=a@b.example&time=10:20',
  'http://[::1]:8080/a?%=1',
])('%s has none', (url) => {
  expect(maskUrl(url)).toBe(url);
});
