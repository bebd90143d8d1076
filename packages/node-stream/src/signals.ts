import { setTimeout as delay } from "node:timers/promises";

/** Waits; rejects with the signal's reason. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** The promise's outcome, or a rejection with the signal's reason where that comes first. Leaves no listener behind. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    // Nobody waits for it any more, so its failure is nobody's business.
    promise.catch(() => {});
    throw signal.reason;
  }
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** A signal that follows others, and can be aborted by itself. By hand: `AbortSignal.any` leaves traces on long-lived ones. */
export class LinkedAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #unlink: (() => void)[] = [];

  constructor(...sources: readonly (AbortSignal | undefined)[]) {
    for (const source of sources) {
      if (source === undefined) continue;
      const onAbort = (): void => this.abort(source.reason);
      source.addEventListener("abort", onAbort, { once: true });
      this.#unlink.push(() => source.removeEventListener("abort", onAbort));
      if (source.aborted) onAbort();
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Follows the others no more. */
  [Symbol.dispose](): void {
    for (const unlink of this.#unlink) unlink();
  }
}
