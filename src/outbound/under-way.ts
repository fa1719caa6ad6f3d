/** Counts what is under way, so that whoever wants to end can wait until nothing is any more. */
export class UnderWay {
  #count = 0;
  readonly #waiting: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  began(): void {
    this.#count += 1;
  }

  ended(): void {
    this.#count -= 1;
    if (this.#count === 0) for (const goOn of this.#waiting.splice(0)) goOn();
  }

  /** Resolves when all of it has ended, what began meanwhile included. */
  async allEnded(): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
