import type { CarrelClient, DownloadSessionListQuery, DownloadSessionModel } from "@carrel/core";
import { checkNumber, isNotFound, longestMs } from "@carrel/core/kit";
import { catchError, EMPTY, from, map, mergeMap, repeat, switchMap, throwError, toArray } from "rxjs";
import type { Observable } from "rxjs";
import { fromCall } from "./from-task.ts";

export const defaultIntervalMs = 5_000;

/** Options of {@link sessions$}. */
export interface SessionsOptions extends DownloadSessionListQuery {
  /**
   * The pause between the end of one query and the start of the next, in milliseconds. At least 1.
   * @defaultValue 5_000
   */
  readonly intervalMs?: number;
}

/** A download session as the server has it, together with its identifier. */
export type ListedSession = DownloadSessionModel & { readonly id: string };

const concurrentGets = 4;

/**
 * Lists all download sessions of the calling user with their state, repeatedly.
 *
 * Cold: each subscriber makes its own queries, so add `share()` for several. Sessions come in the server's order. A
 * session that disappears between the list and the request for it is omitted. Errors of a query are emitted unchanged:
 * add `retry({ delay })` to continue after one. Unsubscribing aborts the query under way.
 *
 * Cost on the wire, for each query: one request for the list and one for each session in it, four at a time. On a
 * server where a query counts as activity, it also keeps the sessions alive, forgotten ones included.
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
  const { intervalMs = defaultIntervalMs, ...query } = options;
  checkNumber("intervalMs", intervalMs, { from: 1, to: longestMs });

  const read = (id: string): Observable<ListedSession> =>
    fromCall((signal) => client.downloadSession.get(id, { signal })).pipe(
      map((model) => ({ ...model, id })),
      catchError((error: unknown) => (isNotFound(error) ? EMPTY : throwError(() => error))),
    );

  return fromCall((signal) => client.downloadSession.list(query, { signal })).pipe(
    switchMap((ids) =>
      from(ids).pipe(
        mergeMap((id, index) => read(id).pipe(map((session) => ({ session, index }))), concurrentGets),
        toArray(),
        map((entries) => entries.toSorted((a, b) => a.index - b.index).map(({ session }) => session)),
      ),
    ),
    repeat({ delay: intervalMs }),
  );
}
