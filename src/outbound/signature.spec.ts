import { inspect } from 'node:util';
import { basicAuthorization } from './basic-authorization.js';
import { newSigningSecret, signatureHeaders, signingKey } from './signature.js';

describe('signatureHeaders', () => {
  test('are those of the Standard Webhooks example', () => {
    const headers = signatureHeaders({
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampSeconds: 1614265330,
      body: '{"test": 2432232314}',
      keys: [signingKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')],
    });
    expect(headers).toEqual([
      ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
      ['webhook-timestamp', '1614265330'],
      ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
    ]);
  });

  test('two secrets sign during a rotation, and text and bytes sign alike', () => {
    const keys = [newSigningSecret(), newSigningSecret()].map(signingKey);
    const message = { id: '0000000000001', timestampSeconds: 1, keys };
    const [, , text] = signatureHeaders({ ...message, body: 'grüß' });
    const [, , bytes] = signatureHeaders({ ...message, body: Buffer.from('grüß') });
    expect(text?.[1]).toMatch(/^v1,[\w+/]{43}= v1,[\w+/]{43}=$/);
    expect(bytes).toEqual(text);
  });

  test('a secret that is none is a bug, and so is no key', () => {
    for (const secret of ['', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_c2hvcnQ=']) {
      expect(() => signingKey(secret)).toThrow(/secret/);
    }
    expect(() => signatureHeaders({ id: 'a', timestampSeconds: 1, body: null, keys: [] })).toThrow(/key/);
  });

  test('a key does not print its secret', () => {
    const secret = newSigningSecret();
    expect(JSON.stringify(signingKey(secret)) + inspect(signingKey(secret))).not.toContain(secret.slice(6, 20));
  });
});

test('a new secret is 32 bytes', () => {
  expect(Buffer.from(newSigningSecret().slice('whsec_'.length), 'base64')).toHaveLength(32);
  expect(newSigningSecret()).not.toBe(newSigningSecret());
});

test('Basic credentials are UTF-8, as in RFC 7617', () => {
  expect(basicAuthorization('test', '123£')).toBe('Basic dGVzdDoxMjPCow==');
});

test.each([
  [23, false],
  [24, true],
  [64, true],
  [65, false],
])('a secret of %d bytes can sign: %p', (length, can) => {
  const secret = `whsec_${Buffer.alloc(length, 1).toString('base64')}`;
  const sign = () => signatureHeaders({ id: 'a', timestampSeconds: 1, body: null, keys: [signingKey(secret)] });
  if (can) expect(sign()).toHaveLength(3);
  else expect(sign).toThrow('24 to 64 bytes');
});

test('no body is signed as an empty one', () => {
  const message = { id: 'a', timestampSeconds: 1, keys: [signingKey(newSigningSecret())] };
  expect(signatureHeaders({ ...message, body: null })).toEqual(signatureHeaders({ ...message, body: '' }));
});
