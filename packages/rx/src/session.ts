import type { CarrelClient, LeaseOptions } from "@carrel/core";
import { checkNumber, checkText, longestMs } from "@carrel/core/kit";
import { defer, of, ReplaySubject, share, timer } from "rxjs";
import type { Observable } from "rxjs";
import { heldLease } from "./held-lease.ts";
import type { SessionSnapshot } from "./session-snapshot.ts";

/** Options of {@link session$}. */
export interface SessionStreamOptions extends Omit<LeaseOptions, "signal"> {
  /**
   * How long the session is held after the last subscriber has left, in milliseconds, so that a re-render keeps it. 0
   * ends it at once. Where subscribers of one session pass different times, the longest counts.
   * @defaultValue 2_000
   */
  readonly lingerMs?: number;
}

interface SharedSession {
  readonly stream: Observable<SessionSnapshot>;
  lingerMs: number;
}

const sessionsOf = new WeakMap<CarrelClient, Map<string, SharedSession>>();

/**
 * Opens a download session on an item and keeps it alive as long as it has subscribers.
 *
 * Cold until subscribed, then shared and ref-counted for each client and item: the first subscriber opens the session,
 * later ones join it and get the latest snapshot at once, and `lingerMs` after the last one has left, it is ended. A
 * session that is opened after all subscribers have left is ended too. Emits `opening` first. Emits `ended` and
 * completes when the lease or the client is closed elsewhere. Emits `lost` and errors with a `SessionLostError` when
 * the session is lost. An error while opening is emitted unchanged. Never opens a second session by itself: for that,
 * compose it with {@link reopenWhenLost}.
 *
 * Streams share a session only if they ask for the same one: another `adopt`, `contentVersion`, `onClose` or `renewAt`
 * means another session. The call options (`attemptTimeoutMs`, `context`) are those of the subscriber that opened it.
 *
 * Cost on the wire, for any number of subscribers: two requests to open, one keep-alive for each third of the time that
 * the server grants, one to end.
 *
 * @throws {@link SessionLostError} `SESSION_LOST`: emitted when the session has ended, but not by this program.
 * @throws {@link ServerError} `NOT_FOUND`, `AUTH`: emitted when it cannot be opened, as is a {@link TransportError}.
 * @throws TypeError, RangeError at the call, where `itemId` is not a string or is empty, `lingerMs` is not a number
 * from 0 to 2^31 - 1, or `renewAt` is not between 0 and 1.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { session$ } from "@carrel/rx";
 * import { map } from "rxjs";
 * import type { Observable } from "rxjs";
 *
 * function status$(client: CarrelClient, itemId: string): Observable<string> {
 *   return session$(client, itemId).pipe(
 *     map((snapshot) => (snapshot.phase === "active" ? `open until ${snapshot.session.expiresAt}` : snapshot.phase)),
 *   );
 * }
 * ```
 */
export function session$(
  client: CarrelClient,
  itemId: string,
  options: SessionStreamOptions = {},
): Observable<SessionSnapshot> {
  const { lingerMs = 2_000, ...leaseOptions } = options;
  const { adopt, contentVersion, onClose = "delete", renewAt = 1 / 3 } = options;
  checkText("session$: itemId", itemId);
  checkNumber("lingerMs", lingerMs, { from: 0, to: longestMs });
  checkNumber("renewAt", renewAt, { above: 0, below: 1 });
  const key = JSON.stringify([itemId, adopt, contentVersion, onClose, renewAt]);

  return defer(() => {
    const sessions = sessionsOf.get(client) ?? new Map<string, SharedSession>();
    sessionsOf.set(client, sessions);
    const shared = sessions.get(key) ?? open(sessions);
    shared.lingerMs = Math.max(shared.lingerMs, lingerMs);
    return shared.stream;
  });

  function open(sessions: Map<string, SharedSession>): SharedSession {
    const lease$ = heldLease(client, itemId, leaseOptions, () => {
      if (sessions.get(key) === shared) sessions.delete(key);
    });
    const shared: SharedSession = {
      lingerMs: 0,
      stream: lease$.pipe(
        share({
          connector: () => new ReplaySubject(1),
          resetOnRefCountZero: () => (shared.lingerMs > 0 ? timer(shared.lingerMs) : of(0)),
        }),
      ),
    };
    sessions.set(key, shared);
    return shared;
  }
}
