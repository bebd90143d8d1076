/**
 * Returns the outcome of `work`, or rejects with `signal.reason` as soon as the signal aborts. The work itself
 * continues. Leaves no listener on the signal. Does not follow semantic versioning.
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/**
 * A signal that follows several others and can be aborted by itself. Linked by hand and unlinked at the end, because
 * `AbortSignal.any` leaves traces on long-lived signals (of a lease, of a run) until they are collected.
 * Does not follow semantic versioning.
 *
 * @example
 * ```ts
 * import { LinkedAbort } from "@carrel/core/kit";
 *
 * async function copy(outer: AbortSignal, lock: AbortSignal, work: (signal: AbortSignal) => Promise<void>) {
 *   using either = new LinkedAbort(outer, lock);
 *   await work(either.signal);
 * }
 * ```
 */
export class LinkedAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #links: (() => void)[] = [];

  constructor(...sources: readonly (AbortSignal | undefined)[]) {
    for (const source of sources) {
      if (!source) continue;
      const onAbort = (): void => this.abort(source.reason);
      if (source.aborted) onAbort();
      source.addEventListener("abort", onAbort, { once: true });
      this.#links.push(() => source.removeEventListener("abort", onAbort));
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts the signal. Only the first reason counts. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Stops following the other signals. What `using` does at the end of its block. */
  unlink(): void {
    for (const link of this.#links) link();
  }

  [Symbol.dispose](): void {
    this.unlink();
  }
}

/** Runs `work` under one signal that follows several. Does not follow semantic versioning. */
export async function linked<T>(
  sources: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new LinkedAbort(...sources);
  try {
    return await work(abort.signal);
  } finally {
    abort.unlink();
  }
}
