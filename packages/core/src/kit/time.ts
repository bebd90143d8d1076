/** Time, injected, so that leases, retries and time limits can be tested in virtual time. */
export interface Clock {
  /** Milliseconds since an arbitrary start. Monotonic: never set back. */
  now(): number;
  /** Milliseconds of the wall clock. Compared with itself only, to notice that the machine was asleep. */
  wall(): number;
  /**
   * Calls back once after a time; returns the way to cancel. A `background` timer does not keep the process alive,
   * where the platform can do that.
   */
  schedule(ms: number, callback: () => void, options?: { readonly background?: boolean }): () => void;
}

/** The platform's time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  schedule(ms, callback, options) {
    // The longest time that setTimeout takes is 2^31 - 1 ms.
    const timer: unknown = setTimeout(callback, Math.min(ms, 0x7fff_ffff));
    if (options?.background) unref(timer);
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>);
  },
};

function unref(timer: unknown): void {
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function")
    timer.unref();
}
