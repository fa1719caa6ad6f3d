import type { Caller } from './connector.js';
import type { ReplyHead } from './reply-head.js';

/** Of a reply's body, as much is read and kept. */
export const replyLimit = 64 * 1024;

/**
 * Collects one reply as it is read. `settled` resolves once, when nothing more is wanted or will come: the reply
 * ended, its limit is reached, it broke, or `stop()` was called. It never rejects; `error` tells.
 */
export class Reply {
  status: number | null = null;
  headers: ReplyHead['headers'] = [];
  /** The body filled the limit and its length was not known to be exactly that: there may have been more. */
  truncated = false;
  error: unknown = null;
  /** The reply was read to its end, so its connection can take another call. */
  ended = false;
  readonly settled: Promise<void>;
  #settle: (() => void) | null = null;
  #declaredLength: number | null = null;
  readonly #body = new BoundedBytes(replyLimit);
  readonly #caller: Caller;

  /** @param caller told how far its call has come */
  constructor(caller: Caller) {
    this.#caller = caller;
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get body(): Buffer {
    return this.#body.toBuffer();
  }

  get isSettled(): boolean {
    return this.#settle === null;
  }

  /** Ends the collecting from outside; what has come so far stays. */
  stop(error: unknown): void {
    if (this.isSettled) return;
    this.error = error;
    this.#finish();
  }

  /** The request goes to the receiver now. */
  sent(): void {
    this.#caller.stage = 'sent';
  }

  begin({ status, headers, length }: ReplyHead): void {
    if (this.isSettled) return;
    this.status = status;
    this.headers = headers;
    this.#declaredLength = length;
    this.#caller.stage = 'reading';
  }

  /** Takes the next bytes of the body, and keeps copies of what it wants. */
  read(bytes: Uint8Array): void {
    if (this.isSettled) return;
    this.#body.append(bytes, this.#declaredLength ?? 0);
    if (this.#body.isFull && this.#declaredLength !== replyLimit) {
      this.truncated = true;
      this.#finish();
    }
  }

  end(): void {
    if (this.isSettled) return;
    this.ended = true;
    this.#finish();
  }

  #finish(): void {
    const settle = this.#settle;
    this.#settle = null;
    settle?.();
  }
}

const EMPTY = Buffer.alloc(0);

/** Copies what it keeps: a chunk kept as it is would hold the whole socket buffer that it is a piece of. */
class BoundedBytes {
  #bytes = EMPTY;
  #length = 0;

  constructor(readonly limit: number) {}

  get isFull(): boolean {
    return this.#length === this.limit;
  }

  /** @param inAll how many bytes will have come in the end, as far as that was said */
  append(chunk: Uint8Array, inAll: number): void {
    const wanted = chunk.subarray(0, this.limit - this.#length);
    const length = this.#length + wanted.length;
    if (length > this.#bytes.length) {
      // Whatever comes in one piece, or as long as was said, takes what it needs and is not copied again.
      const larger = Buffer.allocUnsafe(Math.min(this.limit, Math.max(length, this.#bytes.length * 2, inAll)));
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    this.#bytes.set(wanted, this.#length);
    this.#length = length;
  }

  toBuffer(): Buffer {
    return this.#length === this.#bytes.length ? this.#bytes : Buffer.from(this.#bytes.subarray(0, this.#length));
  }
}
