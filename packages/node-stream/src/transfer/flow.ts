import type { RateLimit } from "./rate-limit.ts";
import type { TransferHead } from "@carrel/core/transfer";

/** Where the bytes of a transfer go: the stream that it feeds. */
export interface Outlet {
  /** Identifies the transfer in diagnostics. */
  readonly id: number;
  /** Aborted when the stream is destroyed. */
  readonly signal: AbortSignal;
  /** Takes what a response states about the file, once for each response. */
  opened(head: TransferHead): void;
  /** Takes bytes; returns false when that is enough for now. */
  deliver(chunk: Uint8Array): boolean;
}

/** Whether bytes may flow: the consumer wants them and the rate limit allows them. */
export class Flow {
  /** Called when bytes may flow again, completely or as far as the rate limit goes. */
  onChange: (() => void) | undefined;
  readonly #rateLimit: RateLimit | undefined;
  #isWanted = false;
  #throttle: NodeJS.Timeout | undefined;

  constructor(rateLimit: RateLimit | undefined) {
    this.#rateLimit = rateLimit;
  }

  /** The rate limit requires a wait. */
  get isThrottled(): boolean {
    return this.#throttle !== undefined;
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  get isOpen(): boolean {
    return this.#isWanted && !this.isThrottled;
  }

  /** The consumer wants more, or has enough for now. */
  want(isWanted: boolean): void {
    if (this.#isWanted === isWanted) return;
    this.#isWanted = isWanted;
    if (isWanted) this.onChange?.();
  }

  /** Counts bytes that arrived, and closes until the rate limit allows more. */
  count(bytes: number): void {
    const delayMs = this.#rateLimit?.take(bytes) ?? 0;
    if (delayMs < 1 || this.#throttle !== undefined) return;
    this.#throttle = setTimeout(() => {
      this.#throttle = undefined;
      this.onChange?.();
    }, delayMs);
  }

  stop(): void {
    this.onChange = undefined;
    clearTimeout(this.#throttle);
    this.#throttle = undefined;
  }
}
