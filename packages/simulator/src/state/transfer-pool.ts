/** A place in the pool, to be left once. */
export interface TransferPlace {
  leave(): void;
}

/** Lets so many transfers run at a time; the others wait in the order in which they came. */
export class TransferPool {
  readonly #size: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Waits for a place. Rejects with `signal.reason` when aborted. */
  async enter(signal: AbortSignal): Promise<TransferPlace> {
    if (this.#running < this.#size) this.#running += 1;
    else await this.#wait(signal);
    return { leave: () => this.#leave() };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const go = (): void => {
        signal.removeEventListener("abort", stop);
        resolve();
      };
      const stop = (): void => {
        this.#waiting.delete(go);
        reject(signal.reason as Error);
      };
      this.#waiting.add(go);
      signal.addEventListener("abort", stop, { once: true });
    });
  }

  /** Hands the place on, so that nobody who comes now gets it first. */
  #leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
