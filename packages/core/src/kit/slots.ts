import { checkNumber } from "./checks.ts";

/**
 * A number of slots, which callers take and release: as many are at work at once, and the others wait. First come,
 * first served. Does not follow semantic versioning.
 */
export class Slots {
  readonly count: number;
  readonly #waiting = new Set<() => void>();
  #used = 0;

  /**
   * @param name - How the caller writes the option that `count` came from.
   * @throws RangeError where the count is not a whole number of at least 1.
   */
  constructor(count: number, name = "count") {
    checkNumber(name, count, { from: 1, whole: true });
    this.count = count;
  }

  /**
   * Waits for a free slot and takes it. Returns a function that releases it; calling it again does nothing. Rejects
   * with `signal.reason` when aborted.
   */
  async acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#used >= this.count) await this.#turn(signal);
    else this.#used += 1;
    let isTaken = true;
    return () => {
      if (isTaken) this.#release();
      isTaken = false;
    };
  }

  /** Resolves once a released slot is passed on to this caller. */
  async #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => {
      this.#waiting.delete(resolve);
      reject(signal.reason);
    };
    this.#waiting.add(resolve);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Passes the slot on to the first in line, so that a later caller cannot get it before. */
  #release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#used -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
