/** What a call needs of the signal that ends it. An AbortSignal is one. */
export interface CallSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options: { once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * A signal that fires after so many milliseconds, unless the call ended before. An AbortSignal is a whole event target, of
 * twice the work and several times the memory for each call; and the timers of `AbortSignal.timeout` stay until they run
 * out, however soon the call ended: a hundred thousand of them under load.
 */
export class Deadline implements CallSignal {
  #reason: unknown = undefined;
  #listeners: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#fire(), ms);
  }

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  get reason(): unknown {
    return this.#reason;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const index = this.#listeners.indexOf(listener);
    if (index !== -1) this.#listeners.splice(index, 1);
  }

  /** It will not fire any more. */
  clear(): void {
    clearTimeout(this.#timer);
  }

  #fire(): void {
    this.#reason = new DOMException('The deadline is over.', 'TimeoutError');
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
