import { defined } from "../kit/objects.ts";
import type { CarrelError } from "../errors/carrel-error.ts";
import { ServerError } from "../errors/call-errors.ts";
import type { Observer } from "../diagnostics.ts";
import { linked } from "../kit/signals.ts";
import { sleep } from "../kit/time.ts";
import type { Clock } from "../kit/time.ts";
import { retryDelayMs } from "./retry.ts";
import type { RetryRules } from "./retry.ts";

/** Something that is attempted until it succeeds. */
export interface Repeated<T> {
  /** Name of the operation, for diagnostics. */
  readonly operation: string;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** Attempts after the first, instead of the client's own limit. */
  readonly limit?: number | undefined;
  /** End the waiting between attempts. */
  readonly signals: readonly (AbortSignal | undefined)[];
  readonly attempt: (count: number) => Promise<T>;
  /** Decides after an error: give up, attempt again, or take this result. */
  readonly recover: (error: unknown) => Promise<"give-up" | "repeat" | { readonly result: T }>;
}

/** Attempts something until it succeeds or will not succeed by repeating it. */
export type Repeat = <T>(work: Repeated<T>) => Promise<T>;

/**
 * Makes the function that repeats calls, logins and the probe of the wire style. An error that has used up its own
 * attempts (of a login within a call, say) is final for the callers that waited for it; otherwise attempts would
 * multiply.
 */
export function createRepeat(settings: {
  readonly retry: RetryRules;
  readonly clock: Clock;
  readonly observer: Observer;
}): Repeat {
  const { retry, clock, observer } = settings;
  const usedUp = new WeakSet<object>();

  return async ({ operation, context, limit = retry.limit, signals, attempt, recover }) => {
    for (let count = 1; ; count++) {
      try {
        return await attempt(count);
      } catch (error) {
        const isObject = typeof error === "object" && error !== null;
        if (isObject && usedUp.has(error)) throw error;
        const next = await recover(error);
        if (typeof next === "object") return next.result;
        if (next === "give-up" || count > limit) {
          if (isObject) usedUp.add(error);
          throw error;
        }
        const retryAfterMs = error instanceof ServerError ? error.retryAfterMs : undefined;
        const delayMs = retryDelayMs(retry, count, retryAfterMs, Math.random());
        observer.emit({
          type: "retry",
          operation,
          attempt: count,
          delayMs,
          error: (error as CarrelError).toJSON(),
          ...defined({ context }),
        });
        await linked(signals, (signal) => sleep(clock, delayMs, signal));
      }
    }
  };
}
