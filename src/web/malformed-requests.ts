import { IncomingMessage, ServerResponse, STATUS_CODES, type RequestListener, type Server } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { Problem } from './problem.js';

/** Long enough for the caller to read why. */
const LAST_WORDS_MS = 1_000;

/** An address that nothing has: refuseMalformedAddress says so. */
const DAMAGED = '/%';

/**
 * Node answers by itself what is no HTTP, too long or unfinished, and express what has no path: bare, without our
 * headers and words. Here all of it is answered like everything else. Call it before the server listens.
 *
 * @param headers sets those that every answer has
 */
export function answerMalformedRequests(server: Server, headers: RequestHandler): void {
  const underWay = new WeakMap<Duplex, ServerResponse>();
  const fixed = headersOf(headers);
  // Such a request goes on to refuseMalformedRequest. Node reads this from the server, and takes it only at creation.
  Object.assign(server, { requireHostHeader: false });
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.prependListener('request', ((request, response) => {
    underWay.set(request.socket, response);
    request.url = pathOf(request.url ?? '');
  }) satisfies RequestListener);
  server.on('connect', (_request, socket) => {
    say(socket, new Problem(405, 'method_not_allowed', 'This is no proxy.'), { ...fixed, Allow: '' });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const answer = underWay.get(socket);
    // Half an answer that is followed by another one would look like a whole one.
    if (!socket.writable || (answer?.headersSent && !answer.writableFinished)) {
      socket.destroy();
    } else {
      say(socket, problemOf(error), fixed);
    }
  });
}

/** What Node leaves to us, because of answerMalformedRequests. */
export function refuseMalformedRequest(
  { headers, httpVersion }: Request,
  _response: Response,
  next: NextFunction,
): void {
  if (headers.host === undefined && httpVersion === '1.1') {
    throw new Problem(400, 'malformed_request', 'This request has no Host header.');
  }
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    throw new Problem(417, 'expectation_failed', 'Nothing can be expected here but "100-continue".');
  }
  next();
}

/** Requests to a proxy name the host too; `*` and what has no path is no address of ours. */
function pathOf(target: string): string {
  if (target.startsWith('/')) {
    return target;
  }
  const url = /^https?:\/\/./i.test(target) ? URL.parse(target) : null;
  return url ? url.pathname + url.search : DAMAGED;
}

function problemOf({ code }: NodeJS.ErrnoException): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem(431, 'headers_too_large', 'The address and the headers are longer than 16 KB.');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Problem(413, 'too_large', 'The chunks of the body carry too much beside the body.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem(408, 'request_timeout', 'The request did not come to its end in time.');
    default:
      return new Problem(400, 'malformed_request', 'This is no HTTP request.');
  }
}

/** As JSON: whom it is for cannot be known. It is the last thing said on the connection. */
function say(socket: Duplex, problem: Problem, headers: Record<string, string>): void {
  const status = problem.getStatus();
  const body = JSON.stringify({ code: problem.code, message: problem.message });
  const all = {
    ...headers,
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  // Who resets the connection now has no use for an answer.
  socket.on('error', () => undefined);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'));
  setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref();
}

/** What the middleware sets on an answer, found out on one that goes nowhere. */
function headersOf(middleware: RequestHandler): Record<string, string> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  void middleware(request as Request, response as Response, () => undefined);
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]));
}
