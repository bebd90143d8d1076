/** Options of a single call. */
export interface CallOptions {
  /** Stops waiting: the call rejects with `signal.reason` itself. Never ends a session on the server. */
  readonly signal?: AbortSignal;
  /**
   * Time limit of one attempt, in milliseconds. To limit the whole call, pass a signal such as
   * `AbortSignal.timeout(60_000)`. Above 0.
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
   * A UUID that makes the call safe to repeat: the same token never creates a second object.
   * @defaultValue a new UUID for each call
   */
  readonly clientToken?: string;
}
