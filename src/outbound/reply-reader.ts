import { type CallFailure, invalidAnswer, invalidBody, invalidReply, notHttp } from './failure.js';
import { readHead, type ReplyHead } from './reply-head.js';
import type { Reply } from './reply.js';

/** Bytes of the headers of a reply, of the trailers behind its chunks, and of one interim reply. */
const longestHead = 32 * 1024;

/** Bytes of the line with the size of a chunk: nobody reads what may stand behind the size. */
const longestChunkLine = 1024;

/** A receiver may announce its reply; one that never stops announcing would keep a processor busy until the deadline. */
const interimLimit = 100;

/** What comes next. */
type Part = 'head' | 'length' | 'chunk size' | 'chunk' | 'chunk end' | 'trailers' | 'until close' | 'nothing';

const EMPTY = Buffer.alloc(0);
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const LINE_BREAK = Buffer.from('\r\n');

/**
 * Reads one reply of HTTP/1.1 (RFC 9112) from the bytes of a connection, however they are cut, and tells a Reply of it.
 * Interim replies (1xx) are passed over, because RFC 9110, 15.2, has a client accept them unasked and some servers send
 * "100 Continue" to every POST. 101 is not: nobody asked for another protocol.
 */
export class ReplyReader {
  /** How long the connection may be kept for the next call, in milliseconds; 0 before the reply ended well. */
  keptMs = 0;
  #next: Part = 'head';
  /** What has come of a part that is read as a whole. */
  #held = EMPTY;
  /** Of the body's length, or of the chunk's, so much is still to come. */
  #left = 0;
  /** Of the empty lines before a head, which are not held. */
  #emptyBytes = 0;
  /** Of a head that is held, so much was looked at before: however it is cut, each byte is looked at once. */
  #lookedAt = 0;
  #trailerBytes = 0;
  #interims = 0;
  #head: ReplyHead | null = null;

  /** @param hasNoBody to a HEAD, the reply ends with its headers, whatever they say */
  constructor(
    readonly reply: Reply,
    readonly hasNoBody: boolean,
  ) {}

  /**
   * Takes what has come; keeps none of it, so that its memory can be used again.
   *
   * @throws CallFailure where it is not valid HTTP
   */
  read(bytes: Buffer): void {
    const input = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    let at = 0;
    while (at < input.length && this.#next !== 'nothing') {
      const behind = this.#readPart(input, at);
      if (behind === null) break;
      at = behind;
    }
    this.#held = at === input.length ? EMPTY : Buffer.from(input.subarray(at));
    // Nobody asked for what comes behind a reply; whose answer would it be?
    if (this.#next === 'nothing' && this.#held.length > 0) this.keptMs = 0;
  }

  /** The receiver has closed the connection. Answers whether this ended the reply well. */
  close(): boolean {
    if (this.#next === 'until close') this.#end();
    this.keptMs = 0;
    return this.#next === 'nothing';
  }

  /** Answers where the next part begins; null when more has to come first. */
  #readPart(input: Buffer, at: number): number | null {
    switch (this.#next) {
      case 'head':
        return this.#readHead(input, at);
      case 'length':
        return this.#readCounted(input, at, 'nothing');
      case 'chunk size':
        return this.#readChunkSize(input, at);
      case 'chunk':
        return this.#readCounted(input, at, 'chunk end');
      case 'chunk end':
        return this.#readChunkEnd(input, at);
      case 'trailers':
        return this.#readTrailer(input, at);
      default:
        this.reply.read(input.subarray(at));
        return input.length;
    }
  }

  #readHead(input: Buffer, at: number): number | null {
    const start = behindEmptyLines(input, at);
    this.#emptyBytes += start - at;
    const from = start + this.#lookedAt;
    const end = input.indexOf(END_OF_HEAD, Math.max(start, from - END_OF_HEAD.length + 1));
    // One that is too long is refused as such, wherever it would have ended.
    if (this.#emptyBytes + (end === -1 ? input.length : end) - start > longestHead) throw tooLong();
    if (end === -1) {
      if (!couldBeHttp(input.toString('latin1', start, start + 5))) throw notHttp();
      if (hasLoneLineFeed(input, from)) throw invalidAnswer('A line ends without CR');
      this.#lookedAt = input.length - start;
      return start > at ? start : null;
    }
    this.#emptyBytes = 0;
    this.#lookedAt = 0;
    const head = readHead(input.toString('latin1', start, end));
    if (head.status === 101) throw invalidReply('The receiver wanted to change to another protocol (101)');
    if (head.status >= 200) {
      this.#begin(head);
    } else if (++this.#interims > interimLimit) {
      throw invalidReply('The receiver sent interim replies (1xx) without end');
    }
    return end + END_OF_HEAD.length;
  }

  #begin(head: ReplyHead): void {
    this.#head = head;
    const { status, framing, length } = head;
    this.reply.begin(head);
    if (this.hasNoBody || status === 204 || status === 304 || length === 0) {
      this.#end();
    } else if (framing === 'chunked') {
      this.#next = 'chunk size';
    } else {
      this.#next = framing;
      this.#left = length ?? 0;
    }
  }

  #readCounted(input: Buffer, at: number, then: 'nothing' | 'chunk end'): number {
    const end = Math.min(at + this.#left, input.length);
    this.reply.read(input.subarray(at, end));
    this.#left -= end - at;
    if (this.#left > 0) return end;
    if (then === 'nothing') this.#end();
    else this.#next = then;
    return end;
  }

  #readChunkSize(input: Buffer, at: number): number | null {
    const end = input.indexOf(LINE_BREAK, at);
    if ((end === -1 ? input.length : end) - at > longestChunkLine) throw invalidBody('Chunk line too long');
    if (end === -1) {
      if (hasLoneLineFeed(input, at)) throw invalidBody('A line ends without CR');
      return null;
    }
    const digits = chunkLine.exec(input.toString('latin1', at, end))?.[1];
    if (digits === undefined) throw invalidBody('Invalid character in chunk size');
    this.#left = Number.parseInt(digits, 16);
    if (!Number.isSafeInteger(this.#left)) throw invalidBody('Chunk size overflow');
    this.#next = this.#left === 0 ? 'trailers' : 'chunk';
    return end + LINE_BREAK.length;
  }

  #readChunkEnd(input: Buffer, at: number): number | null {
    const end = at + LINE_BREAK.length;
    if (end > input.length) return null;
    if (!input.subarray(at, end).equals(LINE_BREAK)) throw invalidBody('A chunk is not as long as it says');
    this.#next = 'chunk size';
    return end;
  }

  /** Nobody reads them; an empty line ends them, and the reply. */
  #readTrailer(input: Buffer, at: number): number | null {
    const end = input.indexOf(LINE_BREAK, at);
    if (this.#trailerBytes + (end === -1 ? input.length : end) - at > longestHead) throw tooLong();
    if (end === -1) return null;
    if (end === at) this.#end();
    this.#trailerBytes += end + LINE_BREAK.length - at;
    return end + LINE_BREAK.length;
  }

  #end(): void {
    this.#next = 'nothing';
    // Some servers send a body after a HEAD all the same.
    this.keptMs = this.hasNoBody ? 0 : this.#head!.keptMs;
    this.reply.end();
  }
}

/** A size, and behind a semicolon what nobody asked for. */
const chunkLine = /^([\da-f]+)[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i;

/** Whatever does not begin so is another kind of service, and need not be heard to its end. */
function couldBeHttp(start: string): boolean {
  return 'HTTP/'.startsWith(start);
}

/** Some servers send one line break more than the reply before them had. */
function behindEmptyLines(bytes: Buffer, at: number): number {
  let start = at;
  while (bytes[start] === 0x0d || bytes[start] === 0x0a) start++;
  return start;
}

/** Some servers end lines so; what they mean by it would be waited for in vain. */
function hasLoneLineFeed(bytes: Buffer, from: number): boolean {
  for (let at = bytes.indexOf('\n', from); at !== -1; at = bytes.indexOf('\n', at + 1)) {
    if (bytes[at - 1] !== 0x0d) return true;
  }
  return false;
}

function tooLong(): CallFailure {
  return invalidReply('The headers of the answer are too long');
}
