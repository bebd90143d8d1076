import { checkNumber } from "@carrel/core/kit";

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
  /** When everything taken so far is paid for. */
  #paidAtMs = -Infinity;

  /**
   * @param now - Monotonic time in milliseconds; for tests.
   * @throws RangeError: `bytesPerSecond` is not above 0.
   */
  constructor(bytesPerSecond: number, now: () => number = () => performance.now()) {
    checkNumber("maxBytesPerSecond", bytesPerSecond, { above: 0, to: Infinity });
    this.bytesPerSecond = bytesPerSecond;
    this.#now = now;
  }

  /** Counts bytes that have arrived; returns how long to wait before reading more, in milliseconds. */
  take(bytes: number): number {
    const now = this.#now();
    this.#paidAtMs = Math.max(this.#paidAtMs, now - burstMs) + (bytes / this.bytesPerSecond) * 1000;
    return Math.max(this.#paidAtMs - now, 0);
  }
}
