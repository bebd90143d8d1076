import type { CarrelClient, DownloadSessionListQuery, DownloadSessionModel } from "@carrel/core";
import { checkNumber, isNotFound, longestMs } from "@carrel/core/kit";
import { catchError, EMPTY, from, map, mergeMap, repeat, switchMap, throwError, toArray } from "rxjs";
import type { Observable } from "rxjs";
import { fromCall } from "./from-task.ts";

/** Options of {@link sessions$}. */
export interface SessionsOptions extends DownloadSessionListQuery {
  /**
   * Pause between the end of one look and the start of the next, in milliseconds. At least 1.
   * @defaultValue 5_000
   */
  readonly intervalMs?: number;
}

/** A download session as the server has it, with its identifier. */
export type ListedSession = DownloadSessionModel & { readonly id: string };

const concurrentGets = 4;

/**
 * All download sessions of the calling user with their state, looked up again and again.
 *
 * Cold: each subscriber does looks of its own, so put `share()` behind it for several. Sessions come in the server's
 * order. A session that is gone between the list and the look at it is left out. Errors of a look are emitted as they
 * are: put `retry({ delay })` behind it to go on. Leaving aborts the look under way.
 *
 * Cost on the wire, for each look: one request for the list and one for each session in it, four at a time. On a
 * server where a look counts as activity, it also keeps the sessions alive: yours, and forgotten ones.
 *
 * @throws TypeError, RangeError at the call, where `intervalMs` is not a number from 1 to 2^31 - 1.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { sessions$ } from "@carrel/rx";
 * import { map } from "rxjs";
 * import type { Observable } from "rxjs";
 *
 * function openCount$(client: CarrelClient, itemId: string): Observable<number> {
 *   return sessions$(client, { library_item_id: itemId, intervalMs: 2_000 }).pipe(
 *     map((sessions) => sessions.filter((session) => session.state === "ACTIVE").length),
 *   );
 * }
 * ```
 */
export function sessions$(client: CarrelClient, options: SessionsOptions = {}): Observable<readonly ListedSession[]> {
  const { intervalMs = 5_000, ...query } = options;
  checkNumber("intervalMs", intervalMs, { from: 1, to: longestMs });

  const look = (id: string): Observable<ListedSession> =>
    fromCall((signal) => client.downloadSession.get(id, { signal })).pipe(
      map((model) => ({ ...model, id })),
      catchError((error: unknown) => (isNotFound(error) ? EMPTY : throwError(() => error))),
    );

  return fromCall((signal) => client.downloadSession.list(query, { signal })).pipe(
    switchMap((ids) =>
      from(ids).pipe(
        mergeMap((id, index) => look(id).pipe(map((session) => ({ session, index }))), concurrentGets),
        toArray(),
        map((found) => found.toSorted((a, b) => a.index - b.index).map(({ session }) => session)),
      ),
    ),
    repeat({ delay: intervalMs }),
  );
}
