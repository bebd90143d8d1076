import type { RateLimit } from "./rate-limit.ts";

/** Whether bytes may flow: the consumer wants them and the rate limit allows them. */
export class Flow {
  readonly #rateLimit: RateLimit | undefined;
  readonly #onOpen: () => void;
  #isWanted = false;
  #throttle: NodeJS.Timeout | undefined;

  constructor(rateLimit: RateLimit | undefined, onOpen: () => void) {
    this.#rateLimit = rateLimit;
    this.#onOpen = onOpen;
  }

  get isOpen(): boolean {
    return this.#isWanted && this.#throttle === undefined;
  }

  /** The consumer wants more, or enough for now. */
  want(isWanted: boolean): void {
    if (this.#isWanted === isWanted) return;
    this.#isWanted = isWanted;
    if (this.isOpen) this.#onOpen();
  }

  /** Counts bytes that came, and closes until the rate limit allows more. */
  count(bytes: number): void {
    const delayMs = this.#rateLimit?.take(bytes) ?? 0;
    if (delayMs < 1 || this.#throttle !== undefined) return;
    this.#throttle = setTimeout(() => {
      this.#throttle = undefined;
      if (this.isOpen) this.#onOpen();
    }, delayMs);
  }

  stop(): void {
    clearTimeout(this.#throttle);
    this.#throttle = undefined;
  }
}
