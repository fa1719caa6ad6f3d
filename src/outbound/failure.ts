import { isNativeError } from 'node:util/types';

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
export type Stage = 'waiting' | 'resolving' | 'connecting' | 'sent' | 'reading';

export interface Failure {
  readonly reason: FailureReason;
  readonly message: string;
}

/** A failure on its way through undici, which hands on Errors only. It leaves the room as a value. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';

  constructor(
    readonly reason: FailureReason,
    message: string,
  ) {
    super(message);
  }
}

/** The end that the caller's signal set. Its duration is the call's own, from the start of `call()`. */
export function describeAbort(signal: AbortSignal, stage: Stage, host: string, durationMs: number): Failure {
  const reason: unknown = signal.reason;
  if (!(typeof reason === 'object' && reason !== null && 'name' in reason && reason.name === 'TimeoutError')) {
    return { reason: 'aborted', message: failureSentences.aborted };
  }
  const within = `within ${inSeconds(durationMs)}`;
  const messages: Record<Stage, string> = {
    waiting: `No connection to ${host} was free ${within}: too many calls to it are under way`,
    resolving: `The name ${host} could not be found in DNS ${within}`,
    connecting: `No connection to ${host} ${within}`,
    sent: `No answer ${within}`,
    reading: `The reply was not complete ${within}`,
  };
  return { reason: 'timeout', message: messages[stage] };
}

/** Turns what Node, OpenSSL or undici reports into a reason and words. Never repeats their text: it may hold addresses. */
export function describeFailure(error: unknown, stage: Stage, host: string): Failure {
  if (error instanceof CallFailure) return { reason: error.reason, message: error.message };
  const code = codeOf(error);
  if (code === 'UND_ERR_SOCKET' && isNativeError(error) && error.message.startsWith('bad ')) {
    return { reason: 'invalid_reply', message: 'The receiver wanted to change the protocol (101), or answered twice' };
  }
  const known = byCode[code]?.(host, stage);
  if (known) return known;
  if (/^(ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/.test(code)) {
    return { reason: 'tls', message: `No secure connection to ${host} could be made (${code})` };
  }
  if (isNativeError(error) && error.name === 'HTTPParserError') {
    // undici 8 means to set a code (HPE_…) and does not; its parser's fixed phrase stands at the end of the message.
    const detail = /\([A-Za-z][\w ,/.'`-]*\)$/.exec(error.message)?.[0];
    const what = stage === 'reading' ? 'The body of the reply' : 'The answer';
    return { reason: 'invalid_reply', message: `${what} is not valid HTTP${detail ? ` ${detail}` : ''}` };
  }
  if (/^UND_ERR_(INVALID_ARG|NOT_SUPPORTED|REQ_)/.test(code)) {
    return { reason: 'invalid_request', message: failureSentences.invalid_request };
  }
  return { reason: 'unreachable', message: `${host} could not be reached${code === '' ? '' : ` (${code})`}` };
}

/** The code of a system's, OpenSSL's or undici's error; '' without one. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? code : '';
}

type Describe = (host: string, stage: Stage) => Failure;

const byCode: Readonly<Record<string, Describe>> = {
  ECONNREFUSED: (host) => ({ reason: 'refused', message: `${host} refused the connection` }),
  ECONNRESET: closed,
  EPIPE: closed,
  UND_ERR_SOCKET: closed,
  EPROTO: tls((host) => `No secure connection to ${host} could be made: it does not speak TLS as we do`),
  ERR_SSL_WRONG_VERSION_NUMBER: tls((host) => `${host} does not speak TLS on this port; is it an http:// URL?`),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: tls((host) => `${host} does not speak TLS on this port; is it an http:// URL?`),
  ERR_TLS_CERT_ALTNAME_INVALID: tls((host) => `The certificate is not valid for ${host}`),
  CERT_HAS_EXPIRED: tls((host) => `The certificate of ${host} has expired`),
  CERT_NOT_YET_VALID: tls((host) => `The certificate of ${host} is not valid yet`),
  DEPTH_ZERO_SELF_SIGNED_CERT: tls((host) => `The certificate of ${host} is self-signed`),
  SELF_SIGNED_CERT_IN_CHAIN: tls((host) => `The certificate of ${host} comes from an authority that is not trusted`),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: tls((host) => `The certificate chain of ${host} is incomplete or not trusted`),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: tls((host) => `The certificate chain of ${host} is incomplete or not trusted`),
  UND_ERR_HEADERS_OVERFLOW: () => ({ reason: 'invalid_reply', message: 'The headers of the answer are too long' }),
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: () => ({
    reason: 'invalid_reply',
    message: 'The reply is not as long as its Content-Length says',
  }),
};

function closed(_host: string, stage: Stage): Failure {
  const when: Record<Stage, string> = {
    waiting: 'before it answered',
    resolving: 'before it answered',
    connecting: 'before it was ready for a request',
    sent: 'before it answered',
    reading: 'before the reply was complete',
  };
  return { reason: 'reset', message: `The receiver closed the connection ${when[stage]}` };
}

function tls(message: (host: string) => string): Describe {
  return (host) => ({ reason: 'tls', message: message(host) });
}

/** "15 s", "0.3 s": a timer fires a few milliseconds late, and nobody set 15.004. */
function inSeconds(durationMs: number): string {
  const seconds = durationMs / 1000;
  return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
}
