import type { Socket } from 'node:net';
import type { Header } from './header-rules.js';
import { ReplyReader } from './reply-reader.js';
import type { Reply } from './reply.js';

export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Without those that frame the message, which the connection sets. */
  readonly headers: readonly Header[];
  readonly body: string | Uint8Array | null;
}

/** Opens a connection whose bytes go to this function, which keeps none of them. */
export type Connect = (onBytes: (bytes: Buffer) => void) => Promise<Socket>;

/**
 * One connection of HTTP/1.1, which carries one call at a time and connects for the first. Written here, because calls are
 * what Answerback is for: this knows nothing of pipelines, upgrades, streams or retries, and takes half the time of a
 * client that does.
 */
export class HttpConnection {
  readonly #host: string;
  readonly #connect: Connect;
  readonly #onClose: () => void;
  #socket: Socket | null = null;
  #isClosed = false;
  /** Of the call under way; a connection that is idle holds no reply. */
  #reader: ReplyReader | null = null;
  #keptMs = 0;

  /**
   * @param host as the Host header names it
   * @param onClose called once, when it can carry no call any more
   */
  constructor(host: string, connect: Connect, onClose: () => void) {
    this.#host = host;
    this.#connect = connect;
    this.#onClose = onClose;
  }

  /** It carries the next call without connecting first: the last one was sent to its end, however early the reply came. */
  get isOpen(): boolean {
    return this.#socket !== null && !this.#isClosed && this.#socket.writableLength === 0;
  }

  /** For so many milliseconds after the last call it may be kept; 0 when it carries no other. */
  get keptMs(): number {
    return this.#keptMs;
  }

  /** Sends a request and has its reply read, or told why not. */
  send(request: HttpRequest, reply: Reply): void {
    this.#reader = new ReplyReader(reply, request.method === 'HEAD');
    if (this.#socket !== null) this.#write(this.#socket, request, reply);
    else void this.#connectFor(request, reply);
  }

  /** Ends it, whatever is under way. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket?.destroy();
    this.#onClose();
  }

  async #connectFor(request: HttpRequest, reply: Reply): Promise<void> {
    try {
      const socket = await this.#connect((bytes) => this.#take(bytes));
      this.#socket = socket;
      socket.on('error', (error) => this.#lose(error));
      socket.on('end', () => this.#lose(null));
      socket.on('close', () => this.#lose(null));
      if (this.#isClosed) socket.destroy();
      else this.#write(socket, request, reply);
    } catch (error) {
      reply.stop(error);
      this.close();
    }
  }

  #write(socket: Socket, request: HttpRequest, reply: Reply): void {
    reply.sent();
    socket.write(bytesOf(request, this.#host));
  }

  #take(bytes: Buffer): void {
    // What comes before a connection is vetted is nobody's, and so is what comes when nobody has asked for anything.
    if (this.#socket === null || this.#isClosed) return;
    const reader = this.#reader;
    if (reader === null) return this.close();
    try {
      reader.read(bytes);
    } catch (error) {
      reader.reply.stop(error);
    }
    if (!reader.reply.isSettled) return;
    this.#reader = null;
    this.#keptMs = reader.keptMs;
    if (this.#keptMs === 0) this.close();
  }

  /** @param error null when the other end has closed it */
  #lose(error: Error | null): void {
    if (this.#isClosed) return;
    const reader = this.#reader;
    const isWhole = error === null && reader?.close();
    if (!isWhole) reader?.reply.stop(error ?? closedByReceiver());
    this.close();
  }
}

/** In one piece: two would be two packets, or wait for one another. */
function bytesOf({ method, path, headers, body }: HttpRequest, host: string): Buffer {
  let head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n`;
  for (const [name, value] of headers) head += `${name}: ${value}\r\n`;
  const bodyLength = body === null ? 0 : Buffer.byteLength(body);
  // RFC 9110, 8.6: none where a method has no use for a body.
  if (bodyLength > 0 || methodsWithBody.has(method)) head += `Content-Length: ${bodyLength}\r\n`;
  head += '\r\n';
  const bytes = Buffer.allocUnsafe(head.length + bodyLength);
  bytes.write(head, 'latin1');
  if (typeof body === 'string') bytes.write(body, head.length);
  else if (body !== null) bytes.set(body, head.length);
  return bytes;
}

const methodsWithBody = new Set(['POST', 'PUT', 'PATCH']);

function closedByReceiver(): Error {
  return Object.assign(new Error('The other end has closed the connection'), { code: 'ECONNRESET' });
}
