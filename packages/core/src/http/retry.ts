import { CarrelError } from "../errors/carrel-error.ts";
import { ServerError } from "../errors/server-error.ts";
import { TransportError } from "../errors/transport-error.ts";
import { backOffMs } from "../kit/back-off.ts";
import { checkNumber } from "../kit/checks.ts";
import type { Idempotency } from "../wire/operation.ts";
import type { RetryOptions } from "./retry-options.ts";

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
