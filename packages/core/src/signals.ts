import type { Clock } from "./clock.ts";

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

/** A signal that follows others and can be aborted by itself. Dispose it, or the others keep a listener. */
export interface LinkedSignal extends Disposable {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

/** Links signals by hand, for `AbortSignal.any` leaves its traces on long-lived signals until they are collected. */
export function linkSignals(...sources: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = new AbortController();
  const undo: (() => void)[] = [];
  for (const source of sources) {
    if (!source) continue;
    if (source.aborted) {
      controller.abort(source.reason);
      break;
    }
    const follow = (): void => controller.abort(source.reason);
    source.addEventListener("abort", follow, { once: true });
    undo.push(() => source.removeEventListener("abort", follow));
  }
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]() {
      for (const step of undo) step();
    },
  };
}

/** A signal that also aborts after a time, with `reason()`. Dispose it to stop the timer. */
export function deadlineSignal(clock: Clock, ms: number, reason: () => unknown, source?: AbortSignal): LinkedSignal {
  const linked = linkSignals(source);
  const cancel = clock.schedule(ms, () => linked.abort(reason()), { background: true });
  return {
    ...linked,
    [Symbol.dispose]() {
      cancel();
      linked[Symbol.dispose]();
    },
  };
}
