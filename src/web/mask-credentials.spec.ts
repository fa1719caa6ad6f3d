import { maskCredentials } from './mask-credentials.js';

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
