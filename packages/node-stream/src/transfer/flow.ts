import type { RateLimit } from "./rate-limit.ts";

/** Whether bytes may flow: the consumer wants them and the rate limit allows them. */
export class Flow {
  /** Called when bytes may flow (again), wholly or as far as the rate limit goes. */
  onChange: (() => void) | undefined;
  readonly #rateLimit: RateLimit | undefined;
  #isWanted = false;
  #throttle: NodeJS.Timeout | undefined;

  constructor(rateLimit: RateLimit | undefined) {
    this.#rateLimit = rateLimit;
  }

  /** The rate limit makes us wait. */
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

  /** Counts bytes that came, and closes until the rate limit allows more. */
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
