import { PrepareError, SessionLostError } from "@carrel/core";
import type { DownloadLease, PrepareOptions, TransferEndpoint } from "@carrel/core";
import { checkText } from "@carrel/core/kit";
import { catchError, distinctUntilChanged, EMPTY, map, Observable, switchMap, throwError } from "rxjs";
import type { OperatorFunction } from "rxjs";
import { fromCall } from "./from-task.ts";
import { isHeld } from "./session-snapshot.ts";
import type { SessionSnapshot } from "./session-snapshot.ts";

/**
 * Turns a session into the transfer endpoint of one of its files: requests the file, waits until the server has
 * prepared it, and emits the endpoint. After a new session was opened, requests the file from it and emits again.
 *
 * Remains subscribed to the session, because an endpoint is valid only as long as its session: unsubscribe when the
 * file has been read. Put {@link reopenWhenLost} before it, not after it. Unsubscribing stops the waiting.
 *
 * Cost on the wire, for each session: one request when the file is prepared at once, otherwise one more for each check.
 *
 * @throws TypeError at the call, where `fileName` is not a string, or is empty.
 * @throws {@link PrepareError} `PREPARE_FAILED`: emitted when the server reports an error, or makes no progress in
 * time.
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
      switchMap((lease) => (lease ? prepareFile(lease, fileName, options) : EMPTY)),
    );
}

/**
 * Prepares a file under a lease. Completes without an endpoint when the session is lost, because its own stream emits
 * the loss.
 */
export function prepareFile(
  lease: DownloadLease,
  fileName: string,
  options: Omit<PrepareOptions, "signal">,
): Observable<TransferEndpoint> {
  checkText("preparedFile: fileName", fileName);
  return fromCall((signal) => lease.prepare(fileName, { ...options, signal })).pipe(
    catchError((error: unknown) => unlessLost(lease, fileName, error)),
  );
}

/**
 * Waits, after a call reported the loss of the session, for what becomes of it. A real loss is emitted by the stream of
 * the session, where it can be recovered from. But if the session is renewed, it was not lost, and it is the file that
 * the server does not find.
 */
function unlessLost(lease: DownloadLease, fileName: string, error: unknown): Observable<never> {
  if (!(error instanceof SessionLostError)) return throwError(() => error);
  return new Observable((subscriber) => {
    const before = lease.getSnapshot();
    const check = (): void => {
      const now = lease.getSnapshot();
      if (!isHeld(before) || !isHeld(now)) subscriber.complete();
      else if (now.renewals > before.renewals) {
        const message = `${fileName} was not prepared: the server does not find it, although its session is alive: ${error.message}`;
        subscriber.error(new PrepareError(message, { fileName, cause: error }));
      }
    };
    check();
    return lease.subscribe(check);
  });
}
