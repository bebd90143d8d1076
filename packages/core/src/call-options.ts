/** Options of a single call. */
export interface CallOptions {
  /** Stops waiting. The call rejects with `signal.reason`, unwrapped. Never ends a session on the server by itself. */
  readonly signal?: AbortSignal;
  /**
   * Time limit of one attempt, in milliseconds. The limit of the whole call is the signal's:
   * `AbortSignal.timeout(60_000)`.
   * @defaultValue 30_000
   */
  readonly attemptTimeoutMs?: number;
  /**
   * Free-form values that interceptors and diagnostics may read.
   * @defaultValue none
   */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** Options of a call that creates something. */
export interface CreateOptions extends CallOptions {
  /**
   * A UUID that makes the call repeatable: the same token never creates a second object.
   * @defaultValue a new one for each call
   */
  readonly clientToken?: string;
}
