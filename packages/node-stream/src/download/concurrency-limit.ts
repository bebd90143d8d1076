import { wholeNumber } from "../whole-number.ts";

/**
 * A limit of files that are transferred at once, which any number of downloads may share. Who comes first, goes first.
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
   * Waits for a place, and takes it. Call what is returned to leave it; more calls do nothing.
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

  /** Resolves with a place that somebody left to us. */
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
