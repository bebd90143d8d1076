/** Time, injected, so that leases and retries can be tested in virtual time. */
export interface Clock {
  /** Milliseconds since an arbitrary start. Monotonic: never set back. */
  now(): number;
  /** The wall clock, for showing times to people. */
  date(): Date;
  /** Waits. Rejects with `signal.reason` when aborted. Never keeps the process alive by itself where that can be had. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
