import type { LeaseSnapshot } from "@carrel/core";
import { dematerialize, distinctUntilChanged, EMPTY, map, materialize, switchMap } from "rxjs";
import type { MonoTypeOperatorFunction, Observable } from "rxjs";
import { isHeld } from "./session-snapshot.ts";

/**
 * Subscribes to the source only while a session is held, that is in the phases `active` and `at-risk`.
 *
 * Subscribes to the source when the session is open, unsubscribes when the session has ended, and subscribes again to
 * it when there is a new session. Completes when the source or the session completes, and errors when one of them does;
 * in both cases it unsubscribes from the session.
 *
 * Cost on the wire: that of the session and that of the source.
 *
 * @example
 * ```ts
 * import type { CarrelClient, DownloadFileInfo } from "@carrel/core";
 * import { session$, whileHeld } from "@carrel/rx";
 * import { exhaustMap, timer } from "rxjs";
 * import type { Observable } from "rxjs";
 *
 * function itemSize$(client: CarrelClient, itemId: string): Observable<number | undefined> {
 *   return timer(0, 5_000).pipe(
 *     exhaustMap(async () => (await client.item.get(itemId)).size),
 *     whileHeld(session$(client, itemId)),
 *   );
 * }
 * ```
 */
export function whileHeld<T>(session: Observable<LeaseSnapshot>): MonoTypeOperatorFunction<T> {
  return (source) =>
    session.pipe(
      map((snapshot) => isHeld(snapshot)),
      distinctUntilChanged(),
      switchMap((held) => (held ? source.pipe(materialize()) : EMPTY)),
      dematerialize(),
    );
}
