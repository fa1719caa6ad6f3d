import type { Socket } from 'node:net';
import { CallFailure } from './failure.js';

/** A receiver may announce its reply; one that never stops announcing would keep a processor busy until the deadline. */
const interimLimit = 100;

const longestInterim = 32 * 1024;

/**
 * Takes interim replies (1xx) out of what undici reads. RFC 9110, 15.2, has a client accept them unasked, but undici
 * closes the connection at "100 Continue", which some servers send to every POST. It reads by `socket.read()`, so that
 * is where they are taken out. 101 stays: nobody asked for another protocol, and undici says so.
 *
 * @param exchange names the exchange under way by identity: each begins with a new status line.
 */
export function skipInterimReplies(socket: Socket, exchange: () => object): void {
  const read = socket.read.bind(socket);
  let answered: object | null = null;
  let held: Buffer = Buffer.alloc(0);
  let count = 0;

  socket.read = (size?: number): Buffer | null => {
    const chunk: Buffer | null = read(size);
    if (chunk === null || answered === exchange()) return chunk;
    held = withoutEmptyLines(held.length === 0 ? chunk : Buffer.concat([held, chunk]));
    for (let end = endOfInterim(held); end !== 0; end = endOfInterim(held)) {
      if (end === undecided) return null;
      held = withoutEmptyLines(held.subarray(end));
      if (++count > interimLimit) {
        socket.destroy(new CallFailure('invalid_reply', 'The receiver sent interim replies (1xx) without end'));
        return null;
      }
    }
    const rest = held;
    if (rest.length === 0) return null;
    answered = exchange();
    held = Buffer.alloc(0);
    count = 0;
    return rest;
  };
}

/** undici's parser reads past empty lines before a status line, so what stands behind them must be looked at too. */
function withoutEmptyLines(bytes: Buffer): Buffer {
  let start = 0;
  while (bytes[start] === 0x0d || bytes[start] === 0x0a) start++;
  return start === 0 ? bytes : bytes.subarray(start);
}

const undecided = -1;

/** The length of the interim reply that the bytes begin with: 0 when they do not, -1 when more bytes have to tell. */
function endOfInterim(bytes: Buffer): number {
  const start = bytes.toString('latin1', 0, 12);
  if (start === '') return 0;
  if (!/^HTTP\/1\.[01] 1(?!01)\d\d$/.test(start)) return couldBecomeInterim(start) ? undecided : 0;
  const end = bytes.indexOf('\r\n\r\n');
  if (end !== -1) return end + 4;
  return bytes.length < longestInterim ? undecided : 0;
}

function couldBecomeInterim(start: string): boolean {
  return start.length < 12 && ['HTTP/1.1 1', 'HTTP/1.0 1'].some((line) => line.startsWith(start.slice(0, 10)));
}
