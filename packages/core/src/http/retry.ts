import { CarrelError } from "../errors/carrel-error.ts";
import { ServerError } from "../errors/server-error.ts";
import { TransportError } from "../errors/transport-error.ts";
import type { Idempotency } from "../wire/operation.ts";
import type { RetryOptions } from "./retry-options.ts";

/** The retry rules with every default filled in. */
export type RetryRules = Required<RetryOptions>;

/** Fills in the defaults. Throws where a value makes no sense. */
export function retryRules(options: RetryOptions = {}): RetryRules {
  const rules = {
    limit: options.limit ?? 4,
    baseDelayMs: options.baseDelayMs ?? 250,
    maxDelayMs: options.maxDelayMs ?? 20_000,
  };
  for (const [name, value] of Object.entries(rules)) {
    if (!Number.isFinite(value) || value < 0)
      throw new TypeError(`retry.${name} must be a number from 0, not ${value}`);
  }
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

/** Full jitter: anything from nothing to the bound, which doubles. `Retry-After` is obeyed up to the upper bound. */
export function retryDelayMs(
  rules: RetryRules,
  attempt: number,
  retryAfterMs: number | undefined,
  random: number,
): number {
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, rules.maxDelayMs);
  return random * Math.min(rules.maxDelayMs, rules.baseDelayMs * 2 ** (attempt - 1));
}
