import type { Clock } from "./time.ts";

/** Waits. Rejects with `signal.reason` when aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.schedule(ms, () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** The same promise, given up when the signal aborts: then it rejects with `signal.reason`. The work itself goes on. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/**
 * Works under one signal that follows several. Linked by hand, for `AbortSignal.any` leaves its traces on long-lived
 * signals until they are collected.
 */
export async function linked<T>(
  sources: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const release = follow(controller, sources);
  try {
    return await work(controller.signal);
  } finally {
    release();
  }
}

/** Works under a signal that also aborts after a time, with `reason()`. */
export async function withinTime<T>(
  clock: Clock,
  ms: number,
  reason: () => unknown,
  source: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const release = follow(controller, [source]);
  const cancel = clock.schedule(ms, () => controller.abort(reason()), { background: true });
  try {
    return await work(controller.signal);
  } finally {
    cancel();
    release();
  }
}

/** Aborts a controller with the first of several signals; returns the way to stop. */
function follow(controller: AbortController, sources: readonly (AbortSignal | undefined)[]): () => void {
  const undo: (() => void)[] = [];
  for (const source of sources) {
    if (!source) continue;
    const abort = (): void => controller.abort(source.reason);
    if (source.aborted) abort();
    source.addEventListener("abort", abort, { once: true });
    undo.push(() => source.removeEventListener("abort", abort));
  }
  return () => {
    for (const step of undo) step();
  };
}
