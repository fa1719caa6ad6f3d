import type { CallSignal } from './deadline.js';

export type FailureReason =
  | 'timeout'
  | 'dns'
  | 'blocked_address'
  | 'refused'
  | 'reset'
  | 'unreachable'
  | 'tls'
  | 'invalid_reply'
  | 'invalid_request'
  | 'aborted';

/** Each reason as a plain sentence, for lists and help; an outcome's own message is more exact. */
export const failureSentences: Readonly<Record<FailureReason, string>> = {
  timeout: 'The receiver did not answer in time.',
  dns: 'The host name could not be found in DNS.',
  blocked_address: 'The URL leads to an address that may not be called.',
  refused: 'The receiver refused the connection.',
  reset: 'The receiver closed the connection before it answered.',
  unreachable: 'The receiver could not be reached over the network.',
  tls: 'No secure connection to the receiver could be made.',
  invalid_reply: 'The receiver answered with something that is not valid HTTP.',
  invalid_request: 'The request cannot be sent as it is configured.',
  aborted: 'The call was stopped before it ended.',
};

/** How far a call had come, because "no answer" and "no connection" send a reader to different places. */
export type Stage = 'waiting' | 'resolving' | 'connecting' | 'securing' | 'sent' | 'reading';

export interface Failure {
  readonly reason: FailureReason;
  readonly message: string;
}

/** A failure on its way to the end of a call. It leaves the room as a value. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';

  constructor(
    readonly reason: FailureReason,
    message: string,
  ) {
    super(message);
  }
}

export function notHttp(): CallFailure {
  return invalidReply('What answered does not speak HTTP. Another kind of service may listen on this port');
}

/** @param what of the status line or the headers, which decide what the answer is */
export function invalidAnswer(what: string): CallFailure {
  return invalidReply(`The answer is not valid HTTP (${what})`);
}

/** @param what behind the headers: the receiver has answered all the same */
export function invalidBody(what: string): CallFailure {
  return invalidReply(`The body of the reply is not valid HTTP (${what})`);
}

/** @param message a sentence without its full stop */
export function invalidReply(message: string): CallFailure {
  return new CallFailure('invalid_reply', message);
}

/** The end that the caller's signal set. Its duration is the call's own, from the start of `call()`. */
export function describeAbort(signal: CallSignal, stage: Stage, host: string, durationMs: number): Failure {
  const reason: unknown = signal.reason;
  if (!(typeof reason === 'object' && reason !== null && 'name' in reason && reason.name === 'TimeoutError')) {
    return { reason: 'aborted', message: failureSentences.aborted };
  }
  const within = `within ${inSeconds(durationMs)}`;
  const messages: Record<Stage, string> = {
    waiting: `No connection to ${host} was free ${within}: too many calls to it are under way`,
    resolving: `The name ${host} could not be found in DNS ${within}`,
    connecting: `No connection to ${host} ${within}`,
    securing: `${host} took the connection, but did not make it secure (TLS) ${within}`,
    sent: `No answer ${within}`,
    reading: `The reply was not complete ${within}`,
  };
  return { reason: 'timeout', message: messages[stage] };
}

/** Turns what Node or OpenSSL reports into a reason and words. Never repeats their text: it may hold addresses. */
export function describeFailure(error: unknown, stage: Stage, host: string): Failure {
  if (error instanceof CallFailure) return { reason: error.reason, message: error.message };
  const code = codeOf(error);
  const known = byCode[code]?.(host, stage);
  if (known) return known;
  if (/^(ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/.test(code)) {
    return { reason: 'tls', message: `No secure connection to ${host} could be made (${code})` };
  }
  return { reason: 'unreachable', message: `${host} could not be reached${code === '' ? '' : ` (${code})`}` };
}

/** The code of a system's or OpenSSL's error; '' without one. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  // OpenSSL's reasons become codes as they are: ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE.
  return typeof code === 'string' && /^[A-Z0-9_/]+$/.test(code) ? code : '';
}

type Describe = (host: string, stage: Stage) => Failure;

const byCode: Readonly<Record<string, Describe>> = {
  ECONNREFUSED: (host) => ({ reason: 'refused', message: `${host} refused the connection` }),
  ECONNRESET: closed,
  EPIPE: closed,
  EPROTO: tls((host) => `No secure connection to ${host} could be made: it does not speak TLS as we do`),
  ERR_SSL_WRONG_VERSION_NUMBER: tls((host) => `${host} does not speak TLS on this port; is it an http:// URL?`),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: tls((host) => `${host} does not speak TLS on this port; is it an http:// URL?`),
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: tls(tooOld),
  ERR_SSL_UNSUPPORTED_PROTOCOL: tls(tooOld),
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': tls(noCommonGround),
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: tls(noCommonGround),
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: tls(
    (host) => `${host} wants a certificate from its callers (mutual TLS), and Answerback has none`,
  ),
  ERR_TLS_CERT_ALTNAME_INVALID: tls((host) => `The certificate is not valid for ${host}`),
  CERT_HAS_EXPIRED: tls((host) => `The certificate of ${host} has expired`),
  CERT_NOT_YET_VALID: tls((host) => `The certificate of ${host} is not valid yet`),
  DEPTH_ZERO_SELF_SIGNED_CERT: tls((host) => `The certificate of ${host} is self-signed`),
  SELF_SIGNED_CERT_IN_CHAIN: tls((host) => `The certificate of ${host} comes from an authority that is not trusted`),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: tls((host) => `The certificate chain of ${host} is incomplete or not trusted`),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: tls((host) => `The certificate chain of ${host} is incomplete or not trusted`),
};

function closed(_host: string, stage: Stage): Failure {
  const when: Record<Stage, string> = {
    waiting: 'before it answered',
    resolving: 'before it answered',
    connecting: 'before it was ready for a request',
    securing: 'before it was secure (TLS)',
    sent: 'before it answered',
    reading: 'before the reply was complete',
  };
  return { reason: 'reset', message: `The receiver closed the connection ${when[stage]}` };
}

function tooOld(host: string): string {
  return `${host} offers no version of TLS that is used here: 1.2 or 1.3`;
}

/** The one alert for both; OpenSSL 3 and 3.5 have different names for it. */
function noCommonGround(host: string): string {
  return `${host} refused to make the connection secure: no cipher in common, or it wants a certificate from its callers`;
}

function tls(message: (host: string) => string): Describe {
  return (host) => ({ reason: 'tls', message: message(host) });
}

/** "15 s": deadlines are whole seconds, and a busy process notices late that one is over. Only a test has "0.3 s". */
function inSeconds(durationMs: number): string {
  const whole = Math.floor((durationMs + 50) / 1000);
  return `${whole > 0 ? whole : Number((durationMs / 1000).toFixed(1))} s`;
}
