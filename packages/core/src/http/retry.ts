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

/** The retry rules with every default filled in. */
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

/** What to do after a failed attempt. */
export type AfterFailure = "repeat" | "confirm" | "give-up";

/**
 * Whether an operation may be repeated after an error.
 * `confirm`: the server may have acted, and acting twice is not the same; find out first.
 */
export function afterFailure(idempotency: Idempotency, error: unknown): AfterFailure {
  if (!(error instanceof CarrelError) || !error.retryable) return "give-up";
  const refused = error instanceof ServerError;
  if (!refused && !(error instanceof TransportError)) return "give-up";
  if (idempotency !== "once") return "repeat";
  // A vendor's error says that the server did not act; an error without one may come from a proxy in between.
  return refused && error.messages.length > 0 ? "repeat" : "confirm";
}

/** The delay before the next attempt: full jitter below a bound that doubles, or what the server asks for, up to the bound. */
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

/** State of a download session after which an operation counts as carried out. */
const doneStates: Partial<Record<OperationId, DownloadSessionState>> = {
  "downloadSession.cancel": "CANCELED",
  "downloadSession.fail": "ERROR",
};

/** The state that proves that an operation took effect, for operations that are confirmed and not repeated blindly. */
export function confirmingState(operation: string): DownloadSessionState | undefined {
  return doneStates[operation as OperationId];
}
