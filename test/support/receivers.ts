import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { createServer as createSecureServer, type ServerOptions as SecureServerOptions } from 'node:https';
import { type Server, type Socket, createServer as createTcpServer } from 'node:net';
import { Readable, pipeline } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { eventually } from './eventually.js';

/** A request as it arrived. Times are `performance.now()`. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value, … in the order and spelling sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly startedAt: number;
  readonly completedAt: number;
}

/** A status code with an empty body, or a handler that answers, or does not. See `answers` for ready ones. */
export type Answer = number | ((request: ReceivedRequest, response: ServerResponse) => void | Promise<void>);

export interface ReceiverOptions {
  /** Default: 200. */
  readonly answer?: Answer;
  /** Speaks HTTPS with this certificate, and as these options say. */
  readonly tls?: SecureServerOptions & { readonly key: string; readonly cert: string };
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: any free one. */
  readonly port?: number;
}

/** A real HTTP server on a loopback port that remembers everything. Close it in `afterEach`. */
export interface Receiver {
  /** `http://127.0.0.1:40123` */
  readonly origin: string;
  readonly port: number;
  /** Complete requests in order of arrival. */
  readonly requests: ReceivedRequest[];
  /** TCP connections ever accepted, those that never sent a request included. */
  readonly connections: number;
  /** How the next requests are answered; change it at any time. */
  answer: Answer;
  /** An absolute URL on this receiver. */
  url(path?: string): string;
  /** Resolves with the requests as soon as there are `count` of them. Fails after `withinMs` (default 5,000). */
  received(count: number, withinMs?: number): Promise<readonly ReceivedRequest[]>;
  /** Cuts every open connection; new ones are welcome. */
  cut(): void;
  /** Cuts every connection and frees the port. */
  close(): Promise<void>;
}

export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    // Whoever hangs up in the middle is part of the test, not an error of it.
    void record(message, response).catch(() => message.socket.destroy());
  };
  const record = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedAt = performance.now();
    const body = await buffer(message);
    const { method = '', url: path = '', headers, rawHeaders } = message;
    const request = { method, path, headers, rawHeaders, body, startedAt, completedAt: performance.now() };
    requests.push(request);
    await give(receiver.answer, request, response);
  };
  const server = options.tls ? createSecureServer(options.tls, listener) : createServer(listener);
  const listening = await listen(server, options.host ?? '127.0.0.1', options.port ?? 0);
  const origin = `${options.tls ? 'https' : 'http'}://${listening.authority}`;
  const receiver: Receiver = {
    origin,
    port: listening.port,
    requests,
    get connections() {
      return listening.connections();
    },
    answer: options.answer ?? 200,
    url: (path = '/') => new URL(path, origin).href,
    received: async (count, withinMs = 5_000) => {
      await eventually(() => requests.length >= count, withinMs).catch(() => {
        throw new Error(`${requests.length} of ${count} requests arrived in time.`);
      });
      return requests;
    },
    cut: listening.cut,
    close: listening.close,
  };
  return receiver;
}

/** Answers for `startReceiver`, the misbehaving ones included. Those that never end stop when the caller hangs up. */
export const answers = {
  with:
    (status: number, body: string | Uint8Array = '', headers: Record<string, string> = {}): Answer =>
    (_request, response) => {
      response.writeHead(status, headers).end(body);
    },

  /** The first answer for the first request, and so on; the last one for all that follow. */
  inTurn: (...list: [Answer, ...Answer[]]): Answer => {
    let next = 0;
    return (request, response) => give(list[Math.min(next++, list.length - 1)] ?? 200, request, response);
  },

  after:
    (ms: number, answer: Answer): Answer =>
    async (request, response) => {
      await sleep(ms);
      await give(answer, request, response);
    },

  redirect: (location: string, status = 302): Answer => answers.with(status, '', { location }),

  /** Takes the request and says nothing. */
  hang: (): Answer => () => {},

  /** Takes the request and cuts the connection with a RST. */
  reset: (): Answer => (_request, response) => {
    response.socket?.resetAndDestroy();
  },

  /** Writes exactly these bytes instead of an answer; then closes, resets or leaves the connection open. */
  raw:
    (bytes: string | Uint8Array, then: 'close' | 'reset' | 'hold' = 'close'): Answer =>
    (_request, response) => {
      const socket = socketOf(response);
      socket.write(bytes, () => {
        if (then === 'close') socket.end();
        if (then === 'reset') setTimeout(() => socket.resetAndDestroy(), 30);
      });
    },

  garbage: (): Answer => answers.raw('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n'),

  /** A complete status line and then a header, byte by byte, for ever. */
  dripHeaders: (everyMs = 20): Answer => forever('HTTP/1.1 200 OK\r\nx-drip: ', 'a', everyMs),

  dripBody: (status = 200, everyMs = 20): Answer =>
    forever(`HTTP/1.1 ${status} OK\r\ncontent-length: 1000000\r\n\r\n`, 'a', everyMs),

  /** Interim replies without a final one. 0 ms between them: as fast as they are read. */
  endlessInterim: (status = 103, everyMs = 0): Answer => {
    const interim = `HTTP/1.1 ${status} Interim\r\n\r\n`;
    return forever('', everyMs > 0 ? interim : interim.repeat(500), everyMs);
  },

  /** With a length, says that it will end, at some time. */
  endlessBody: (status = 200, length?: number): Answer => {
    const headers = length === undefined ? '' : `content-length: ${length}\r\n`;
    return forever(`HTTP/1.1 ${status} OK\r\n${headers}\r\n`, Buffer.alloc(64 * 1024, 'a'), 0);
  },

  /** A status line that is in order, and then this again and again, as fast as it is read. */
  endlessHeaders: (piece = 'x-more: headers\r\n'): Answer =>
    forever('HTTP/1.1 200 OK\r\nx-first: header\r\n', piece.repeat(Math.ceil(65_536 / piece.length)), 0),

  /** A complete body in chunks, and then trailers without end. */
  endlessTrailers: (status = 200): Answer =>
    forever(
      `HTTP/1.1 ${status} OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n`,
      'x-more: t\r\n'.repeat(6000),
      0,
    ),

  /** Says `declared` bytes, sends `sent` and closes. */
  wrongContentLength: (declared = 100, sent = 10): Answer =>
    answers.raw(`HTTP/1.1 200 OK\r\ncontent-length: ${declared}\r\n\r\n${'a'.repeat(sent)}`),

  /** A small body that decompresses to `bytes` of nothing. */
  gzipBomb: (bytes = 64 * 1024 * 1024): Answer =>
    answers.with(200, gzipSync(Buffer.alloc(bytes)), { 'content-encoding': 'gzip' }),
};

/** A TCP server that speaks no HTTP of its own: for handshakes that stall and servers that talk first. */
export async function startRawServer(onConnection: (socket: Socket) => void, host = '127.0.0.1'): Promise<RawServer> {
  const listening = await listen(createTcpServer(onConnection), host, 0);
  return {
    port: listening.port,
    get connections() {
      return listening.connections();
    },
    close: listening.close,
  };
}

export interface RawServer {
  readonly port: number;
  readonly connections: number;
  close(): Promise<void>;
}

async function give(answer: Answer, request: ReceivedRequest, response: ServerResponse): Promise<void> {
  if (typeof answer === 'number') response.writeHead(answer).end();
  else await answer(request, response);
}

function forever(start: string, piece: string | Uint8Array, everyMs: number): Answer {
  return (_request, response) => {
    const pieces = Readable.from(endlessPieces(start, piece, everyMs), { objectMode: false });
    pipeline(pieces, socketOf(response), () => {});
  };
}

async function* endlessPieces(start: string, piece: string | Uint8Array, everyMs: number) {
  if (start !== '') yield start;
  for (;;) {
    yield piece;
    // A real pause even at 0, or the test's own timers would never have their turn. Nobody waits for it at the end.
    await (everyMs > 0 ? sleep(everyMs, undefined, { ref: false }) : new Promise(setImmediate));
  }
}

function socketOf(response: ServerResponse): Socket {
  if (!response.socket) throw new Error('The caller has hung up.');
  return response.socket;
}

async function listen(server: Server, host: string, port: number) {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port.');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    connections: () => connections,
    cut,
    port: address.port,
    authority: `${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    close: async (): Promise<void> => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
