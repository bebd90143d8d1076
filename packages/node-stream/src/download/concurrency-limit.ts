import { wholeNumber } from "../whole-number.ts";

/**
 * Limits how many files are transferred at once, for any number of downloads that share it. First come, first served.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { ConcurrencyLimit, downloadItem } from "@carrel/node-stream";
 *
 * async function saveAll(client: CarrelClient, itemIds: readonly string[]): Promise<void> {
 *   const concurrency = new ConcurrencyLimit(4);
 *   const tasks = itemIds.map((id) => downloadItem(client, id, `./out/${id}`, { concurrency }));
 *   await Promise.all(tasks.map((task) => task.report));
 * }
 * ```
 */
export class ConcurrencyLimit {
  readonly files: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  /** @throws RangeError where the number is not a whole one above 0. */
  constructor(files: number) {
    wholeNumber("concurrency", files, 1);
    this.files = files;
  }

  /**
   * Waits for a free slot and takes it. The returned function releases the slot; further calls do nothing.
   * @throws `signal.reason`, as it is.
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#taken >= this.files) await this.#turn(signal);
    else this.#taken += 1;
    let isIn = true;
    return () => {
      if (isIn) this.#leave();
      isIn = false;
    };
  }

  /** Resolves once a released slot is passed on to this caller. */
  async #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => {
      this.#waiting.delete(resolve);
      reject(signal.reason as Error);
    };
    this.#waiting.add(resolve);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#taken -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
