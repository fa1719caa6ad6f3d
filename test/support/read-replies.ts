import type { Caller } from '../../src/outbound/connector.js';
import { CallFailure } from '../../src/outbound/failure.js';
import { ReplyReader } from '../../src/outbound/reply-reader.js';
import { Reply } from '../../src/outbound/reply.js';

/** What came of a reply. */
export interface ReadReply {
  status: number | null;
  headers: readonly (readonly [string, string])[];
  body: string;
  /** The reply came to its end. */
  ended: boolean;
  keptMs: number;
  /** Why it could not be read. */
  failure: CallFailure | null;
}

/** Reads what comes in these pieces, one by one into the same memory, as connections do. */
export function readPieces(pieces: readonly Buffer[], { hasNoBody = false, isClosed = false } = {}): ReadReply {
  const reply = new Reply({ stage: 'sent' } as Caller);
  const reader = new ReplyReader(reply, hasNoBody);
  const memory = Buffer.alloc(Math.max(0, ...pieces.map(({ length }) => length)));
  let failure: CallFailure | null = null;
  try {
    for (const piece of pieces) {
      piece.copy(memory);
      reader.read(memory.subarray(0, piece.length));
    }
    if (isClosed) reader.close();
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    failure = error;
  }
  const { status, headers, ended } = reply;
  return { status, headers, body: reply.body.toString('latin1'), ended, keptMs: reader.keptMs, failure };
}

/** Reads a reply that comes in one piece, each character a byte. */
export const readReply = (text: string, options = {}): ReadReply => readPieces([Buffer.from(text, 'latin1')], options);
