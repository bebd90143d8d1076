import { Slots } from "@carrel/core/kit";

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
  /** Files that are transferred at once. */
  readonly files: number;
  readonly #slots: Slots;

  /**
   * @throws TypeError if `files` is not a number.
   * @throws RangeError if it is not a whole number of at least 1.
   */
  constructor(files: number) {
    this.#slots = new Slots(files, "concurrency");
    this.files = files;
  }

  /**
   * Waits for a free slot and takes it. Returns a function that releases the slot; calling it again does nothing. Rejects
   * with `signal.reason`, unwrapped.
   */
  async acquire(signal: AbortSignal): Promise<() => void> {
    return this.#slots.acquire(signal);
  }
}
