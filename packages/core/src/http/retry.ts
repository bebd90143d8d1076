import { ServerError, TransportError } from "../errors/call-errors.ts";
import { CarrelError } from "../errors/carrel-error.ts";
import type { DownloadSessionState } from "../gen/models.gen.ts";
import type { OperationId } from "../gen/operations.gen.ts";
import { backOffMs } from "../kit/back-off.ts";
import { checkNumber } from "../kit/checks.ts";
import type { Idempotency } from "../wire/operation.ts";

/** How often and when calls that are safe to repeat are repeated. */
export interface RetryOptions {
  /**
   * Attempts after the first. 0 disables retries.
   * @defaultValue 4
   */
  readonly limit?: number;
  /**
   * Upper bound of the first delay, in milliseconds. It doubles with each attempt; the delay is a random share of it.
   * @defaultValue 250
   */
  readonly baseDelayMs?: number;
  /**
   * Upper bound of every delay, `Retry-After` included, in milliseconds.
   * @defaultValue 20_000
   */
  readonly maxDelayMs?: number;
}

/** The retry options with all defaults filled in. */
export type RetryRules = Required<RetryOptions>;

/**
 * Fills in the defaults.
 * @throws TypeError, RangeError where a value is not a number of at least 0.
 */
export function retryRules(options: RetryOptions = {}): RetryRules {
  const rules = {
    limit: options.limit ?? 4,
    baseDelayMs: options.baseDelayMs ?? 250,
    maxDelayMs: options.maxDelayMs ?? 20_000,
  };
  for (const [name, value] of Object.entries(rules)) checkNumber(`retry.${name}`, value, { from: 0 });
  return rules;
}

/** How to proceed after a failed attempt. */
export type AfterFailure = "repeat" | "confirm" | "give-up";

/**
 * Decides whether an operation may be repeated after an error. `confirm`: the server may have carried it out, and twice
 * is not the same as once, so the state must be checked first.
 */
export function afterFailure(idempotency: Idempotency, error: unknown): AfterFailure {
  if (!(error instanceof CarrelError) || !error.retryable) return "give-up";
  const refused = error instanceof ServerError;
  if (!refused && !(error instanceof TransportError)) return "give-up";
  if (idempotency !== "once") return "repeat";
  // An error with the vendor's messages proves that the server did not act; another one may come from a proxy in
  // between.
  return refused && error.messages.length > 0 ? "repeat" : "confirm";
}

/**
 * The delay before the next attempt: a random share of a bound that doubles, or what the server asks for, up to the
 * maximum.
 */
export function retryDelayMs(
  rules: RetryRules,
  attempt: number,
  retryAfterMs: number | undefined,
  random: number,
): number {
  const { baseDelayMs, maxDelayMs } = rules;
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, maxDelayMs);
  return backOffMs(attempt, { firstMs: baseDelayMs, longestMs: maxDelayMs }, random);
}

/** The state of a download session that proves that an operation took effect. */
const doneStates: Partial<Record<OperationId, DownloadSessionState>> = {
  "downloadSession.cancel": "CANCELED",
  "downloadSession.fail": "ERROR",
};

/** The state that proves that an operation took effect, for those that are confirmed and not repeated blindly. */
export function confirmingState(operation: string): DownloadSessionState | undefined {
  return doneStates[operation as OperationId];
}
