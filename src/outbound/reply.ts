import { isUtf8 } from 'node:buffer';
import type { Dispatcher } from 'undici';
import { storableText } from '../database/storable-text.js';
import type { Caller } from './connector.js';
import { CallFailure } from './failure.js';

/** Of a reply's body, as much is read and kept. */
export const replyLimit = 64 * 1024;

/**
 * Collects one reply as undici reads it. `settled` resolves once, when nothing more is wanted or will come: the reply
 * ended, its limit is reached, it broke, or `stop()` was called. It never rejects; `error` tells.
 */
export class Reply implements Dispatcher.DispatchHandler {
  status: number | null = null;
  headers: [string, string][] = [];
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

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.isSettled) controller.abort(new CallFailure('aborted', 'Nobody waits for this call any more'));
    else this.#caller.stage = 'sent';
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, unknown>>,
  ): void {
    if (this.isSettled || status < 200) return;
    this.status = status;
    this.headers = headerList(controller.rawHeaders);
    const length = Number(headers['content-length']);
    this.#declaredLength = Number.isSafeInteger(length) ? length : null;
    this.#caller.stage = 'reading';
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isSettled) return;
    this.#body.append(chunk, this.#declaredLength ?? 0);
    if (this.#body.isFull && this.#declaredLength !== replyLimit) {
      this.truncated = true;
      this.#finish();
    }
  }

  onResponseEnd(): void {
    if (this.isSettled) return;
    this.ended = true;
    this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: unknown): void {
    this.stop(error);
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

type HeaderPart = Buffer | string | string[] | undefined;

/** In the receiver's order and spelling, duplicates kept. */
function headerList(raw: Dispatcher.DispatchController['rawHeaders']): [string, string][] {
  const flat: HeaderPart[] = Array.isArray(raw) ? raw : Object.entries(raw ?? {}).flat();
  const list: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = headerText(flat[i]);
    const value = flat[i + 1];
    if (Array.isArray(value)) list.push(...value.map((one): [string, string] => [name, headerText(one)]));
    else list.push([name, headerText(value)]);
  }
  return list;
}

/** UTF-8 where it is UTF-8, else Latin-1 as RFC 9110 had it: neither can fail. */
function headerText(part: HeaderPart): string {
  if (!Buffer.isBuffer(part)) return storableText([part ?? ''].flat().join(', '));
  return storableText(part.toString(isUtf8(part) ? 'utf8' : 'latin1'));
}
