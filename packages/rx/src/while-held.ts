import type { LeaseSnapshot } from "@carrel/core";
import { dematerialize, distinctUntilChanged, EMPTY, map, materialize, switchMap } from "rxjs";
import type { MonoTypeOperatorFunction, Observable } from "rxjs";
import { isHeld } from "./session-snapshot.ts";

/**
 * Keeps the source subscribed only while the session is held, that is in the phases `active` and `at-risk`.
 *
 * Subscribes to the source when the session is there, leaves it when the session is over, and subscribes again when
 * there is a new one. Completes when the source or the session completes, errors when one of them does; either way
 * it leaves the session.
 *
 * Cost on the wire: that of `session` and of the source.
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
