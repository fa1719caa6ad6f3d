import { CallFailure, type Stage, codeOf, describeAbort, describeFailure, failureSentences } from './failure.js';

const host = 'hooks.example.com';
const withCode = (code: unknown, message = 'at 10.0.0.5'): Error => Object.assign(new Error(message), { code });
const stages: Stage[] = ['waiting', 'resolving', 'connecting', 'securing', 'sent', 'reading'];

describe('the end that a signal set', () => {
  const timeout = AbortSignal.abort(new DOMException('', 'TimeoutError'));

  test.each<[Stage, string]>([
    ['waiting', 'No connection to hooks.example.com was free within 15 s: too many calls to it are under way'],
    ['resolving', 'The name hooks.example.com could not be found in DNS within 15 s'],
    ['connecting', 'No connection to hooks.example.com within 15 s'],
    ['securing', 'hooks.example.com took the connection, but did not make it secure (TLS) within 15 s'],
    ['sent', 'No answer within 15 s'],
    ['reading', 'The reply was not complete within 15 s'],
  ])('tells how far the call had come: %s', (stage, message) => {
    expect(describeAbort(timeout, stage, host, 15_004)).toEqual({ reason: 'timeout', message });
  });

  test.each([
    [304, '0.3 s'],
    [949, '0.9 s'],
    [950, '1 s'],
    [1_000, '1 s'],
    [15_004, '15 s'],
    [15_949, '15 s'],
    [29_950, '30 s'],
  ])('says %d ms as %s', (durationMs, words) => {
    expect(describeAbort(timeout, 'sent', host, durationMs).message).toBe(`No answer within ${words}`);
  });

  test.each([[new Error('shutting down')], ['TimeoutError'], [null], [{ name: 'Other' }], [{}]])(
    'for another reason (%p) is no timeout',
    (reason) => {
      expect(describeAbort(AbortSignal.abort(reason), 'sent', host, 20)).toEqual({
        reason: 'aborted',
        message: 'The call was stopped before it ended.',
      });
    },
  );
});

describe('a failure in words', () => {
  test.each<[string, string, string]>([
    ['ECONNREFUSED', 'refused', 'hooks.example.com refused the connection'],
    ['EPROTO', 'tls', 'No secure connection to hooks.example.com could be made: it does not speak TLS as we do'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'hooks.example.com does not speak TLS on this port; is it an http:// URL?'],
    [
      'ERR_SSL_PACKET_LENGTH_TOO_LONG',
      'tls',
      'hooks.example.com does not speak TLS on this port; is it an http:// URL?',
    ],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'The certificate is not valid for hooks.example.com'],
    ['CERT_HAS_EXPIRED', 'tls', 'The certificate of hooks.example.com has expired'],
    ['CERT_NOT_YET_VALID', 'tls', 'The certificate of hooks.example.com is not valid yet'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'The certificate of hooks.example.com is self-signed'],
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'tls',
      'The certificate of hooks.example.com comes from an authority that is not trusted',
    ],
    [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'tls',
      'The certificate chain of hooks.example.com is incomplete or not trusted',
    ],
    [
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'tls',
      'The certificate chain of hooks.example.com is incomplete or not trusted',
    ],
    [
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      'tls',
      'hooks.example.com offers no version of TLS that is used here: 1.2 or 1.3',
    ],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'tls', 'hooks.example.com offers no version of TLS that is used here: 1.2 or 1.3'],
    [
      'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
      'tls',
      'hooks.example.com refused to make the connection secure: no cipher in common, or it wants a certificate ' +
        'from its callers',
    ],
    [
      'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
      'tls',
      'hooks.example.com refused to make the connection secure: no cipher in common, or it wants a certificate ' +
        'from its callers',
    ],
    [
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      'tls',
      'hooks.example.com wants a certificate from its callers (mutual TLS), and Answerback has none',
    ],
    // Families of codes, of which nobody has a list.
    ['ERR_SSL_TLSV1_ALERT', 'tls', 'No secure connection to hooks.example.com could be made (ERR_SSL_TLSV1_ALERT)'],
    ['ERR_TLS_INVALID', 'tls', 'No secure connection to hooks.example.com could be made (ERR_TLS_INVALID)'],
    ['CERT_REVOKED', 'tls', 'No secure connection to hooks.example.com could be made (CERT_REVOKED)'],
    ['UNABLE_TO_GET_CRL', 'tls', 'No secure connection to hooks.example.com could be made (UNABLE_TO_GET_CRL)'],
    ['HOSTNAME_MISMATCH', 'tls', 'No secure connection to hooks.example.com could be made (HOSTNAME_MISMATCH)'],
    ['INVALID_CA', 'tls', 'No secure connection to hooks.example.com could be made (INVALID_CA)'],
    ['EHOSTUNREACH', 'unreachable', 'hooks.example.com could not be reached (EHOSTUNREACH)'],
    // The family stands at the beginning of a code, not within it.
    ['X_CERT_', 'unreachable', 'hooks.example.com could not be reached (X_CERT_)'],
  ])('%s is %s', (code, reason, message) => {
    expect(describeFailure(withCode(code), 'sent', host)).toEqual({ reason, message });
  });

  test.each(['ECONNRESET', 'EPIPE'])('%s is a connection that was closed, and when', (code) => {
    const messages = stages.map((stage) => describeFailure(withCode(code), stage, host));
    expect(messages).toEqual(
      [
        'before it answered',
        'before it answered',
        'before it was ready for a request',
        'before it was secure (TLS)',
        'before it answered',
        'before the reply was complete',
      ].map((when) => ({ reason: 'reset', message: `The receiver closed the connection ${when}` })),
    );
  });

  test('our own failures keep their reason and words', () => {
    const error = new CallFailure('dns', 'Nowhere to be found');
    expect(describeFailure(error, 'sent', host)).toEqual({ reason: 'dns', message: 'Nowhere to be found' });
    expect(error.name).toBe('CallFailure');
  });

  test('anything else is unreachable, and its text is not repeated', () => {
    for (const error of [new Error('at 10.0.0.5'), 'at 10.0.0.5', null, undefined, withCode('10.0.0.5')]) {
      expect(describeFailure(error, 'sent', host)).toEqual({
        reason: 'unreachable',
        message: 'hooks.example.com could not be reached',
      });
    }
  });
});

test('a code is capital letters, digits, underscores and slashes; anything else is none', () => {
  expect(codeOf(withCode('ERR_2'))).toBe('ERR_2');
  expect(codeOf(withCode('ERR_SSL_SSL/TLS'))).toBe('ERR_SSL_SSL/TLS');
  expect(codeOf({ code: 'EPIPE' })).toBe('EPIPE');
  for (const code of ['', 'lower', 'A B', 'A\n', ' A', 'A.', 5, null, undefined, ['EPIPE']]) {
    expect(codeOf(withCode(code))).toBe('');
  }
  for (const error of [null, undefined, 'EPIPE', 5, {}]) {
    expect(codeOf(error)).toBe('');
  }
});

test('each reason has a sentence for lists and help', () => {
  const sentences = Object.values(failureSentences);
  expect(new Set(sentences).size).toBe(sentences.length);
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].{20,}\.$/);
});
