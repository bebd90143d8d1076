const burstMs = 100;

/**
 * A limit of bytes per second that any number of transfers may share.
 *
 * @example
 * ```ts
 * import { openTransfer, RateLimit } from "@carrel/node-stream";
 * import type { TransferEndpoint } from "@carrel/core";
 *
 * const limit = new RateLimit(10_000_000);
 * const open = (endpoint: TransferEndpoint) => openTransfer(endpoint, { maxBytesPerSecond: limit });
 * ```
 */
export class RateLimit {
  readonly bytesPerSecond: number;
  readonly #now: () => number;
  /** When all that was taken so far is paid for. */
  #paidAtMs = -Infinity;

  /** @param now - Monotonic milliseconds; for tests. */
  constructor(bytesPerSecond: number, now: () => number = () => performance.now()) {
    if (!(bytesPerSecond > 0)) throw new RangeError(`maxBytesPerSecond must be more than 0, not ${bytesPerSecond}`);
    this.bytesPerSecond = bytesPerSecond;
    this.#now = now;
  }

  /** Takes bytes that have come; returns how long to wait before reading on, in milliseconds. */
  take(bytes: number): number {
    const now = this.#now();
    this.#paidAtMs = Math.max(this.#paidAtMs, now - burstMs) + (bytes / this.bytesPerSecond) * 1000;
    return Math.max(this.#paidAtMs - now, 0);
  }
}
