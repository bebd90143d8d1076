import type { Clock } from "@carrel/core";

/**
 * Waits by the given clock, without keeping the process alive; an infinite time ends by the signal alone. Rejects with
 * `signal.reason` when aborted.
 */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const onTime = (): void => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    };
    const cancel = ms === Number.POSITIVE_INFINITY ? () => {} : clock.schedule(ms, onTime, { background: true });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
