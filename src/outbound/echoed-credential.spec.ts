import { basicAuthorization } from './basic-authorization.js';
import { withoutEchoedCredential } from './echoed-credential.js';
import type { Exchange } from './guarded-client.js';

/** Its base64 has a slash, a plus and padding. */
const authorization = basicAuthorization('user', '~~?>>ÿa');
const credential = authorization.slice('Basic '.length);

function replied(body: string | Buffer, headers: [string, string][] = []): Exchange {
  return {
    request: { method: 'POST', url: 'https://hooks.example.com/', headers: [['Authorization', authorization]] },
    status: 200,
    replyHeaders: headers,
    replyBody: Buffer.from(body),
    replyTruncated: false,
    replyError: null,
    durationMs: 1,
  };
}

test.each([
  ['as it was sent', authorization],
  ['alone', credential],
  ['in JSON with escaped slashes', JSON.stringify({ a: credential }).replaceAll('/', String.raw`\/`)],
  ['in an address', `?a=${encodeURIComponent(credential)}`],
])('a credential that a reply repeats %s is not kept, and all else is', (_how, text) => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0]), Buffer.from(`€ ${text} ${text}`), Buffer.from([0xc3])]);
  const { replyBody, replyHeaders } = withoutEchoedCredential(replied(bytes, [['X-Echo', text]]), authorization);
  const kept = replyBody.toString('latin1');
  expect(kept).not.toContain(text);
  expect(kept.match(/\*\*\*/g)).toHaveLength(2);
  expect([...replyBody.subarray(0, 6)]).toEqual([0xff, 0, ...Buffer.from('€ ')]);
  expect(replyBody.at(-1)).toBe(0xc3);
  expect(replyHeaders[0]![1]).toContain('***');
});

test('a reply that repeats nothing stays the very same bytes, and so does one of a call without credentials', () => {
  const exchange = replied(`Basic ${credential.slice(1)}`);
  expect(withoutEchoedCredential(exchange, authorization).replyBody).toBe(exchange.replyBody);
  expect(withoutEchoedCredential(exchange, null)).toBe(exchange);
});
