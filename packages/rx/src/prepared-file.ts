import { PrepareError, SessionLostError } from "@carrel/core";
import type { DownloadLease, PrepareOptions, TransferEndpoint } from "@carrel/core";
import { checkText } from "@carrel/core/kit";
import { catchError, distinctUntilChanged, EMPTY, map, Observable, switchMap, throwError } from "rxjs";
import type { OperatorFunction } from "rxjs";
import { fromCall } from "./from-task.ts";
import { isHeld } from "./session-snapshot.ts";
import type { SessionSnapshot } from "./session-snapshot.ts";

/**
 * From a session to the transfer endpoint of one of its files: asks for the file, waits until the server has made it
 * ready, and emits where to read it. After a reopening it asks the new session and emits again.
 *
 * Stays subscribed to the session, for an endpoint is good for as long as its session only: leave when the file is
 * read. Put {@link reopenWhenLost} before it, not after it. Leaving stops the waiting.
 *
 * Cost on the wire, for each session: one request when the server is ready at once, else one more for each look.
 *
 * @throws TypeError at the call, where `fileName` is not a string, or is empty.
 * @throws {@link PrepareError} `PREPARE_FAILED`: emitted when the server reported an error, or made no progress in time.
 *
 * @example
 * ```ts
 * import type { CarrelClient, TransferEndpoint } from "@carrel/core";
 * import { preparedFile, reopenWhenLost, session$ } from "@carrel/rx";
 * import type { Observable } from "rxjs";
 *
 * function endpoint$(client: CarrelClient, itemId: string, fileName: string): Observable<TransferEndpoint> {
 *   return session$(client, itemId).pipe(reopenWhenLost(), preparedFile(fileName));
 * }
 * ```
 */
export function preparedFile(
  fileName: string,
  options: Omit<PrepareOptions, "signal"> = {},
): OperatorFunction<SessionSnapshot, TransferEndpoint> {
  checkText("preparedFile: fileName", fileName);
  return (source) =>
    source.pipe(
      map((snapshot) => (isHeld(snapshot) ? snapshot.lease : undefined)),
      distinctUntilChanged(),
      switchMap((lease) =>
        lease
          ? fromCall((signal) => lease.prepare(fileName, { ...options, signal })).pipe(
              catchError((error: unknown) => unlessLost(lease, fileName, error)),
            )
          : EMPTY,
      ),
    );
}

/**
 * A loss is for the session's own stream to tell, where it can still be mended. But where the session is renewed after
 * that, it is not lost, and it is the file that the server does not find.
 */
function unlessLost(lease: DownloadLease, fileName: string, error: unknown): Observable<never> {
  if (!(error instanceof SessionLostError)) return throwError(() => error);
  return new Observable((subscriber) => {
    const before = lease.getSnapshot();
    const look = (): void => {
      const now = lease.getSnapshot();
      if (!isHeld(before) || !isHeld(now)) subscriber.complete();
      else if (now.renewals > before.renewals) {
        const message = `${fileName}: the server does not find it, though its session is alive: ${error.message}`;
        subscriber.error(new PrepareError(message, { fileName, cause: error }));
      }
    };
    look();
    return lease.subscribe(look);
  });
}
