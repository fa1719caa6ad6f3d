import type { Socket } from 'node:net';
import { Readable, pipeline } from 'node:stream';
import type { Lookup } from '../../src/outbound/address-guard.js';
import {
  expiredCertificate,
  goodCertificate,
  selfSignedCertificate,
  strangerAuthority,
  strangerCertificate,
} from './certificates.js';
import { accepted, DEADLINE_SECONDS, failed, type Told } from './hostile-told.js';
import { answers, startRawServer, startReceiver, type Answer, type ReceiverOptions } from './receivers.js';

const HOST = 'hooks.example.com';
const notSecured = failed(
  'timeout',
  `${HOST} took the connection, but did not make it secure (TLS) within ${DEADLINE_SECONDS} s`,
);
const closed = failed('reset', 'The receiver closed the connection before it was secure (TLS)');
const noTls = failed('tls', `${HOST} does not speak TLS on this port; is it an http:// URL?`);
const noCommonGround = failed(
  'tls',
  `${HOST} refused to make the connection secure: no cipher in common, or it wants a certificate from its callers`,
);
const tooOld = failed('tls', `${HOST} offers no version of TLS that is used here: 1.2 or 1.3`);

export interface HandshakeCase {
  readonly start: () => Promise<HandshakeServer>;
  readonly told: Told;
  /** Default: https://hooks.example.com */
  readonly origin?: string;
}

export interface HandshakeServer {
  readonly port: number;
  close(): Promise<void>;
}

/** How receivers misbehave over TLS, and what is told of one call to them. */
export const hostileHandshakes: Record<string, HandshakeCase> = {
  'has a good certificate and answers': { start: secure(goodCertificate), told: accepted() },
  'makes the connection secure and never answers': {
    start: secure(goodCertificate, answers.hang()),
    told: failed('timeout', `No answer within ${DEADLINE_SECONDS} s`),
  },
  'has a certificate that expired': {
    start: secure(expiredCertificate),
    told: failed('tls', `The certificate of ${HOST} has expired`),
  },
  'has a certificate for another name': {
    start: secure(goodCertificate),
    origin: 'https://other.example.com',
    told: failed('tls', 'The certificate is not valid for other.example.com'),
  },
  'has a certificate for a name and is called by its address': {
    start: secure(goodCertificate),
    origin: 'https://127.0.0.1',
    told: failed('tls', 'The certificate is not valid for 127.0.0.1'),
  },
  'has a self-signed certificate': {
    start: secure(selfSignedCertificate),
    told: failed('tls', `The certificate of ${HOST} is self-signed`),
  },
  'has a certificate of an authority that it does not show': {
    start: secure(strangerCertificate),
    told: failed('tls', `The certificate chain of ${HOST} is incomplete or not trusted`),
  },
  'has a certificate of an authority that nobody trusts': {
    start: secure({ ...strangerCertificate, cert: strangerCertificate.cert + strangerAuthority }),
    told: failed('tls', `The certificate of ${HOST} comes from an authority that is not trusted`),
  },
  'speaks plain HTTP on the TLS port': { start: () => startReceiver(), told: noTls },
  'greets as an SSH server': { start: raw((socket) => socket.write('SSH-2.0-OpenSSH_9.2p1\r\n')), told: noTls },
  'speaks TLS and is called with http': {
    start: secure(goodCertificate),
    origin: `http://${HOST}`,
    told: failed('reset', 'The receiver closed the connection before it answered'),
  },
  'never begins the handshake': { start: raw(() => {}), told: notSecured },
  'stops in the middle of the handshake': {
    start: raw(afterHello((socket) => socket.write(serverHelloBegun))),
    told: notSecured,
  },
  'sends handshake messages without end': {
    start: raw((socket) => pipeline(Readable.from(endlessHandshake()), socket, () => {})),
    told: failed('tls', /^No secure connection to hooks\.example\.com could be made \(ERR_SSL_\w+\)$/),
  },
  'closes at once': { start: raw((socket) => socket.destroy()), told: closed },
  'closes within the handshake': { start: raw(afterHello((socket) => socket.end(serverHelloBegun))), told: closed },
  'resets within the handshake': { start: raw(afterHello((socket) => socket.resetAndDestroy())), told: closed },
  'finds no cipher in common': { start: raw(afterHello((socket) => socket.end(alert(40)))), told: noCommonGround },
  'finds no version in common': { start: raw(afterHello((socket) => socket.end(alert(70)))), told: tooOld },
  'speaks TLS 1.1 and no later one': {
    start: secure({ ...goodCertificate, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    told: tooOld,
  },
  'wants a certificate from its callers': {
    start: secure({ ...goodCertificate, requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' }),
    told: noCommonGround,
  },
  'breaks its body off': {
    start: secure(goodCertificate, answers.raw('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc')),
    told: accepted({ body: 'abc', error: 'The receiver closed the connection before the reply was complete' }),
  },
};

/** Every name leads to this machine. */
export const anyName: Lookup = async () => [{ address: '127.0.0.1', family: 4 }];

function secure(tls: NonNullable<ReceiverOptions['tls']>, answer: Answer = 200) {
  return () => startReceiver({ tls, answer });
}

function raw(onConnection: (socket: Socket) => unknown) {
  return () => startRawServer((socket) => void onConnection(socket));
}

function afterHello(answer: (socket: Socket) => unknown) {
  return (socket: Socket) => socket.once('data', () => void answer(socket));
}

/** A record that says it holds 64 bytes of a ServerHello, and holds four. */
const serverHelloBegun = Buffer.from('1603030040020000', 'hex');

/** A fatal alert, RFC 8446, 6.2: 40 is handshake_failure, 70 protocol_version. */
function alert(description: number): Buffer {
  return Buffer.from([0x15, 3, 3, 0, 2, 2, description]);
}

async function* endlessHandshake() {
  for (;;) {
    yield Buffer.concat([Buffer.from('1603034000', 'hex'), Buffer.alloc(0x4000, 2)]);
    await new Promise(setImmediate);
  }
}

/** The absolute URL at which a server of `hostileHandshakes` is called. */
export function handshakeUrl({ origin = `https://${HOST}` }: HandshakeCase, { port }: HandshakeServer): string {
  return `${origin}:${port}/hook`;
}
