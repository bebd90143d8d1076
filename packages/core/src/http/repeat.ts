import type { CarrelError } from "../errors/carrel-error.ts";
import { ServerError } from "../errors/call-errors.ts";
import type { Observer } from "../diagnostics.ts";
import { linked } from "../kit/signals.ts";
import { sleep } from "../kit/time.ts";
import type { Clock } from "../kit/time.ts";
import { retryDelayMs } from "./retry.ts";
import type { RetryRules } from "./retry.ts";

/** What is attempted. */
export interface Repeated<T> {
  /** Name of the operation, for diagnostics. */
  readonly operation: string;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** Attempts after the first, in place of the client's own rule. */
  readonly limit?: number | undefined;
  /** Ends the waiting between attempts. */
  readonly signals: readonly (AbortSignal | undefined)[];
  readonly attempt: (count: number) => Promise<T>;
  /** What to do about an error: nothing more, another attempt, or take this for the result. */
  readonly recover: (error: unknown) => Promise<"give-up" | "repeat" | { readonly result: T }>;
}

/** Attempts something until it succeeds or there is no point in repeating it. */
export type Repeat = <T>(work: Repeated<T>) => Promise<T>;

/**
 * One set of attempts for each thing. An error that has used up attempts of its own (a login within a call, the probe of
 * the wire style) is final for whatever waited for it: attempts do not multiply.
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
          ...(context ? { context } : {}),
        });
        await linked(signals, (signal) => sleep(clock, delayMs, signal));
      }
    }
  };
}
