import { CarrelError, IntegrityError, SessionLostError } from "@carrel/core";
import type { LeaseSnapshot } from "@carrel/core";
import { backOffMs, checkNumber, longestMs } from "@carrel/core/kit";
import { defer, retry, tap, throwError, timer } from "rxjs";
import type { MonoTypeOperatorFunction } from "rxjs";
import { isHeld } from "./session-snapshot.ts";

/** Options of {@link reopenWhenLost}. */
export interface ReopenOptions {
  /**
   * Attempts to open a new session before giving up. The count starts again once a new session has been renewed, which
   * proves that it is alive. 0 gives up at the first loss.
   * @defaultValue 3
   */
  readonly limit?: number;
  /**
   * Upper bound of the first delay, in milliseconds. It doubles with each attempt, up to 30 s; the delay is a random
   * share of it.
   * @defaultValue 1_000
   */
  readonly baseDelayMs?: number;
}

const longestDelayMs = 30_000;

/**
 * Opens a new session after a loss, with back-off.
 *
 * The item must not have changed: if its content version is another one, the stream errors with an `IntegrityError`.
 * While reopening, a temporary error (the server busy or out of reach) counts as one attempt; any other error is
 * emitted unchanged. After `limit` attempts the stream errors with the last `SessionLostError`. An error of the first
 * opening is never retried here.
 *
 * Cost on the wire: for each attempt, the cost of opening a session.
 *
 * @throws {@link SessionLostError} `SESSION_LOST`: emitted when the attempts are used up.
 * @throws {@link IntegrityError} `INTEGRITY`: emitted when the item has changed.
 * @throws TypeError, RangeError at the call, where `limit` or `baseDelayMs` is not a number of at least 0.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { reopenWhenLost, session$ } from "@carrel/rx";
 * import type { SessionSnapshot } from "@carrel/rx";
 * import type { Observable } from "rxjs";
 *
 * function steadySession$(client: CarrelClient, itemId: string): Observable<SessionSnapshot> {
 *   return session$(client, itemId).pipe(reopenWhenLost({ limit: 5, baseDelayMs: 500 }));
 * }
 * ```
 */
export function reopenWhenLost<T extends LeaseSnapshot>(options: ReopenOptions = {}): MonoTypeOperatorFunction<T> {
  const { limit = 3, baseDelayMs = 1_000 } = options;
  checkNumber("baseDelayMs", baseDelayMs, { from: 0, to: longestMs });
  checkNumber("limit", limit, { from: 0, to: Infinity });

  return (source) =>
    defer(() => {
      let attempts = 0;
      let loss: SessionLostError | undefined;
      let version: string | undefined;

      return source.pipe(
        retry({
          delay(error: unknown) {
            // A lease that was closed deliberately is not a loss.
            if (error instanceof SessionLostError && error.problem === "lost") loss = error;
            else if (!loss || !isTemporary(error)) return throwError(() => error);
            if (attempts >= limit) return throwError(() => loss);
            attempts += 1;
            const bounds = { firstMs: baseDelayMs, longestMs: longestDelayMs };
            return timer(backOffMs(attempts, bounds, Math.random()));
          },
        }),
        tap((snapshot) => {
          if (!isHeld(snapshot)) return;
          const { contentVersion } = snapshot.session;
          version ??= contentVersion;
          if (contentVersion !== version) throw changed(version, contentVersion, loss);
          loss = undefined;
          if (snapshot.renewals > 0) attempts = 0;
        }),
      );
    });
}

function isTemporary(error: unknown): boolean {
  // New content can be downloaded from its start, but will not change back to the content that was begun.
  return error instanceof CarrelError && error.retryable && error.code !== "INTEGRITY";
}

function changed(before: string, now: string, cause: unknown): IntegrityError {
  return new IntegrityError(
    `The item has changed: the lost session had content version ${before}, the new one has ${now}`,
    { problem: "changed", cause },
  );
}
