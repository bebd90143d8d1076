import { CarrelError } from "@carrel/core";
import type {
  CarrelClient,
  DownloadEvent,
  DownloadLease,
  DownloadState,
  PrepareOptions,
  TransferEndpoint,
} from "@carrel/core";
import { backOffMs } from "@carrel/core/kit";
import { NEVER } from "rxjs";
import { fromTask } from "./from-task.ts";
import { prepareFile } from "./prepared-file.ts";
import { reopenWhenLost } from "./reopen-when-lost.ts";
import type { ReopenOptions } from "./reopen-when-lost.ts";
import { sampleTransfers } from "./sample-transfers.ts";
import { isHeld } from "./session-snapshot.ts";
import type { SessionSnapshot } from "./session-snapshot.ts";
import { session$ } from "./session.ts";
import type { SessionStreamOptions } from "./session.ts";
import { defaultIntervalMs, sessions$ } from "./sessions.ts";
import type { ListedSession, SessionsOptions } from "./sessions.ts";
import { defaultLingerMs, storeOf, toStore } from "./store.ts";
import type { Store, StoreState } from "./store.ts";
import { toDownloadState } from "./to-download-state.ts";

/** Options of {@link sessionStore}. */
export interface SessionStoreOptions extends SessionStreamOptions {
  /**
   * How a new session is opened after a loss; `false` opens none.
   * @defaultValue as {@link reopenWhenLost} does
   */
  readonly reopen?: ReopenOptions | false;
}

const longestPauseMs = 60_000;

/** Starts a download: `(signal) => downloadItem(client, itemId, "./out", { signal })`, say. */
export type StartDownload = (signal: AbortSignal) => AsyncIterable<DownloadEvent>;

/**
 * Makes a store of a session on an item: {@link session$} with {@link reopenWhenLost}. Stores of the same client, item
 * and options share the session, which lingers as `session$` says. Without an item it remains `pending`.
 *
 * Cost on the wire: nothing before the first listener, then that of `session$`.
 *
 * @throws TypeError, RangeError at the call: as `session$` and `reopenWhenLost`.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { leaseOf, preparedFileStore, sessionStore } from "@carrel/rx";
 *
 * function showUrl(client: CarrelClient, itemId: string, fileName: string, show: (url: string) => void): () => void {
 *   const session = sessionStore(client, itemId);
 *   let leave = (): void => {};
 *   let lease = leaseOf(session.get());
 *   const leaveSession = session.subscribe(() => {
 *     if (leaseOf(session.get()) === lease) return;
 *     lease = leaseOf(session.get());
 *     leave();
 *     const file = preparedFileStore(lease, fileName);
 *     leave = file.subscribe(() => show(file.get().value?.uri ?? ""));
 *   });
 *   return () => {
 *     leave();
 *     leaveSession();
 *   };
 * }
 * ```
 */
export function sessionStore(
  client: CarrelClient,
  itemId: string | undefined,
  options: SessionStoreOptions = {},
): Store<SessionSnapshot> {
  const { reopen = {}, ...streamOptions } = options;
  if (itemId === undefined) return toStore<SessionSnapshot>(NEVER);
  const session = session$(client, itemId, streamOptions);
  return toStore(reopen === false ? session : session.pipe(reopenWhenLost(reopen)), { lingerMs: 0 });
}

/** Returns the lease of a session that is held, which is another one after a loss; `undefined` in all other states. */
export function leaseOf(session: StoreState<SessionSnapshot>): DownloadLease | undefined {
  const { status, value } = session;
  return status === "value" && isHeld(value) ? value.lease : undefined;
}

/**
 * Makes a store of all sessions of the calling user: {@link sessions$}. After an error that passes by itself, `BUSY`,
 * `TRANSPORT` or `TIMEOUT`, the state is `error` with the latest list, and the sessions are listed again after
 * at most `intervalMs`, then twice as long at each further error, up to 60 s. Any other error is the last state: repeated
 * logins with a wrong password, say, lock the account.
 *
 * Cost on the wire: nothing before the first listener, then that of `sessions$`.
 *
 * @throws TypeError, RangeError at the call: as `sessions$`.
 *
 * @example
 * ```ts
 * import type { CarrelClient } from "@carrel/core";
 * import { sessionsStore } from "@carrel/rx";
 *
 * function showCount(client: CarrelClient, show: (count: number) => void): () => void {
 *   const store = sessionsStore(client, { intervalMs: 10_000 });
 *   return store.subscribe(() => show(store.get().value?.length ?? 0));
 * }
 * ```
 */
export function sessionsStore(client: CarrelClient, options: SessionsOptions = {}): Store<readonly ListedSession[]> {
  const firstMs = options.intervalMs ?? defaultIntervalMs;
  const bounds = { firstMs, longestMs: Math.max(longestPauseMs, firstMs) };
  return storeOf(sessions$(client, options), defaultLingerMs, (error, failures) =>
    // At least half of the bound, so that a server that is busy is asked less often than before, not more.
    error instanceof CarrelError && error.retryable ? backOffMs(failures, bounds, 0.5 + Math.random() / 2) : undefined,
  );
}

/**
 * Makes a store of the transfer endpoint of a file, which a session has to prepare first. Without a lease it remains
 * `pending`. After a loss the new session has another lease, and so another store: see {@link leaseOf}.
 *
 * Cost on the wire: nothing before the first listener, then that of `lease.prepare`.
 *
 * @throws TypeError at the call, where `fileName` is not a string, or is empty.
 */
export function preparedFileStore(
  lease: DownloadLease | undefined,
  fileName: string,
  options: Omit<PrepareOptions, "signal"> = {},
): Store<TransferEndpoint> {
  return toStore(lease === undefined ? NEVER : prepareFile(lease, fileName, options));
}

/**
 * Makes a store of a download: its events, sampled by {@link sampleTransfers} and folded by {@link toDownloadState}. The
 * first listener starts it, and `lingerMs` after the last one has left, its signal is aborted. Without a function it
 * remains `pending`.
 *
 * Cost on the wire: nothing before the first listener, then that of the download.
 *
 * @example
 * ```ts
 * import { downloadStore } from "@carrel/rx";
 * import type { StartDownload } from "@carrel/rx";
 *
 * function showPercent(start: StartDownload, show: (percent: number) => void): () => void {
 *   const store = downloadStore(start);
 *   return store.subscribe(() => show(store.get().value?.percent ?? 0));
 * }
 * ```
 */
export function downloadStore(start: StartDownload | undefined): Store<DownloadState> {
  return toStore(start === undefined ? NEVER : fromTask(start).pipe(sampleTransfers(), toDownloadState()));
}
