import type { Clock } from "@carrel/core";

/** Waits by the given clock, without keeping the process alive. Rejects with `signal.reason` when aborted. */
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
    const cancel = clock.schedule(
      ms,
      () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      },
      { background: true },
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
