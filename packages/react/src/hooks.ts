import type { DownloadState, PrepareOptions, TransferEndpoint } from "@carrel/core";
import { downloadStore, leaseOf, preparedFileStore, sessionsStore, sessionStore } from "@carrel/rx";
import type {
  ListedSession,
  SessionSnapshot,
  SessionsOptions,
  SessionStoreOptions,
  StartDownload,
  Store,
  StoreState,
} from "@carrel/rx";
import { useMemo, useSyncExternalStore } from "react";
import { useCarrelClient } from "./provider.ts";

/**
 * Opens a download session on an item and keeps it alive as long as the component is mounted. Components that show the
 * same item share the session. After a loss it opens a new one, unless `options.reopen` is `false`. Without an item,
 * and on a server, it opens nothing and remains `pending`.
 *
 * `options` are compared by their JSON, so they may be written in place; of `context` a change is not noticed.
 *
 * Cost on the wire: that of `session$` of `@carrel/rx`. It is not opened while rendering, and StrictMode's second mount
 * keeps the session of the first, as any return within `lingerMs` does.
 *
 * @throws Error where there is no {@link CarrelProvider}; TypeError, RangeError as `sessionStore` of `@carrel/rx`.
 *
 * @example
 * ```tsx
 * import { useDownloadSession } from "@carrel/react";
 *
 * export function Expiry({ itemId }: { itemId: string }) {
 *   const { value, error } = useDownloadSession(itemId);
 *   if (error !== undefined) return <p role="alert">{String(error)}</p>;
 *   if (value?.phase !== "active") return <p>{value?.phase ?? "not opened yet"}</p>;
 *   return <p>open until {value.session.expiresAt.toLocaleTimeString()}</p>;
 * }
 * ```
 */
export function useDownloadSession(
  itemId: string | undefined,
  options: SessionStoreOptions = {},
): StoreState<SessionSnapshot> {
  const client = useCarrelClient();
  return useStore(() => sessionStore(client, itemId, options), [client, itemId, keyOf(options)]);
}

/**
 * Lists all download sessions of the user, repeatedly, as long as the component is mounted. `options` are compared by
 * their JSON.
 *
 * Cost on the wire: that of `sessions$` of `@carrel/rx`.
 */
export function useDownloadSessions(options: SessionsOptions = {}): StoreState<readonly ListedSession[]> {
  const client = useCarrelClient();
  return useStore(() => sessionsStore(client, options), [client, keyOf(options)]);
}

/**
 * Prepares a file under a session of {@link useDownloadSession} and returns its transfer endpoint; after a loss, that
 * under the new session. An endpoint is valid as long as its session is held. `options` are read when the preparing
 * begins.
 *
 * Cost on the wire: that of `lease.prepare`, once for each session.
 */
export function usePreparedFile(
  session: StoreState<SessionSnapshot>,
  fileName: string,
  options: Omit<PrepareOptions, "signal"> = {},
): StoreState<TransferEndpoint> {
  const lease = leaseOf(session);
  return useStore(() => preparedFileStore(lease, fileName, options), [lease, fileName]);
}

/**
 * Runs a download as long as the component is mounted, and returns what a screen shows of it. Nothing is started where
 * `start` is `undefined`. Another function is another download: keep it, in a state or by `useCallback`.
 *
 * Cost on the wire: that of the download. It is aborted 2 s after the component has left.
 *
 * @example
 * ```tsx
 * import { useItemDownload } from "@carrel/react";
 * import type { StartDownload } from "@carrel/rx";
 * import { useState } from "react";
 *
 * export function Download({ task }: { task: StartDownload }) {
 *   const [start, setStart] = useState<StartDownload>();
 *   const { value, error } = useItemDownload(start);
 *   if (!start) return <button onClick={() => setStart(() => task)}>Download</button>;
 *   return error === undefined ? <progress max={100} value={value?.percent} /> : <p>{String(error)}</p>;
 * }
 * ```
 */
export function useItemDownload(start: StartDownload | undefined): StoreState<DownloadState> {
  return useStore(() => downloadStore(start), [start]);
}

function useStore<T>(create: () => Store<T>, keys: readonly unknown[]): StoreState<T> {
  const store = useMemo(create, keys);
  // On a server, and while its page is hydrated, nobody listens yet, so `get` returns `pending` there.
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}

function keyOf(options: object): string {
  return JSON.stringify(options, (name, value: unknown) => (name === "context" ? undefined : value));
}
