/** How often and when calls that are safe to repeat are repeated. */
export interface RetryOptions {
  /**
   * Attempts after the first. 0 switches retries off.
   * @defaultValue 4
   */
  readonly limit?: number;
  /**
   * Upper bound of the first delay, in milliseconds; doubles with each attempt. The delay is random below it.
   * @defaultValue 250
   */
  readonly baseDelayMs?: number;
  /**
   * Upper bound of every delay, `Retry-After` included, in milliseconds.
   * @defaultValue 20_000
   */
  readonly maxDelayMs?: number;
}
