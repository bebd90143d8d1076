import { LinkedAbort } from "./signals.ts";

/** Time, injected, so that leases, retries and time limits can be tested in virtual time. */
export interface Clock {
  /** Milliseconds since an arbitrary start. Monotonic: never set back. */
  now(): number;
  /** Milliseconds of the wall clock. Only ever compared with itself, to detect that the machine was asleep. */
  wall(): number;
  /**
   * Calls back once after a time; returns a function that cancels the call. A `background` timer does not keep the
   * process alive, where the platform supports that.
   */
  schedule(ms: number, callback: () => void, options?: { readonly background?: boolean }): () => void;
}

/**
 * The longest time that a timer of any platform waits, in milliseconds: 2^31 - 1, a little under 25 days. `setTimeout`
 * fires at once where it is given more. Does not follow semantic versioning.
 */
export const longestMs: number = 0x7fff_ffff;

/** The platform's time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  schedule(ms, callback, options) {
    const timer: unknown = setTimeout(callback, Math.min(ms, longestMs));
    if (options?.background) unref(timer);
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>);
  },
};

function unref(timer: unknown): void {
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function")
    timer.unref();
}

/**
 * Waits; an infinite time is ended by the signal alone. Rejects with `signal.reason` when aborted. A `background` wait
 * does not keep the process alive. Does not follow semantic versioning.
 */
export function sleep(
  clock: Clock,
  ms: number,
  signal?: AbortSignal,
  options?: { readonly background?: boolean },
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const onTime = (): void => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    };
    const cancel = ms === Infinity ? () => {} : clock.schedule(ms, onTime, options);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * Runs `work` under a signal that follows `source` and also aborts after `ms`, with `reason()`. Does not follow
 * semantic versioning.
 */
export async function withinTime<T>(
  clock: Clock,
  ms: number,
  reason: () => unknown,
  source: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new LinkedAbort(source);
  const cancel = clock.schedule(ms, () => abort.abort(reason()), { background: true });
  try {
    return await work(abort.signal);
  } finally {
    cancel();
    abort.unlink();
  }
}

/** The time of an HTTP header such as `Date`, in milliseconds since 1970. Does not follow semantic versioning. */
export function parseHttpDate(text: string | null | undefined): number | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : time;
}
