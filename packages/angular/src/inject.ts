import { afterRenderEffect, computed, linkedSignal, untracked } from "@angular/core";
import type { Signal } from "@angular/core";
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
import { injectCarrelClient } from "./provide.ts";

/**
 * Opens a download session on an item and keeps it alive until the component, or whatever else the injection context
 * belongs to, is destroyed. All that show the same item share the session. After a loss it opens a new one, unless
 * `options.reopen` is `false`. Without an item, and on a server, it opens nothing and remains `pending`.
 *
 * Cost on the wire: that of `session$` of `@carrel/rx`. It is opened after the first rendering, outside of the zone.
 *
 * @throws Error where {@link provideCarrel} is missing; TypeError, RangeError when the signal is read: as
 * `sessionStore` of `@carrel/rx`.
 *
 * @example
 * ```ts
 * import { computed } from "@angular/core";
 * import type { Signal } from "@angular/core";
 * import { injectDownloadSession, injectPreparedFile } from "@carrel/angular";
 *
 * // in an injection context, such as a field of a component
 * export function injectFileUrl(itemId: Signal<string | undefined>, fileName: string): Signal<string | undefined> {
 *   const file = injectPreparedFile(injectDownloadSession(itemId), () => fileName);
 *   return computed(() => file().value?.uri);
 * }
 * ```
 */
export function injectDownloadSession(
  itemId: () => string | undefined,
  options: SessionStoreOptions = {},
): Signal<StoreState<SessionSnapshot>> {
  const client = injectCarrelClient();
  return injectStore(() => sessionStore(client, itemId(), options));
}

/**
 * Lists all download sessions of the user, repeatedly, until the component is destroyed.
 *
 * Cost on the wire: that of `sessions$` of `@carrel/rx`.
 */
export function injectDownloadSessions(options: SessionsOptions = {}): Signal<StoreState<readonly ListedSession[]>> {
  const client = injectCarrelClient();
  return injectStore(() => sessionsStore(client, options));
}

/**
 * Prepares a file under a session of {@link injectDownloadSession} and holds its transfer endpoint; after a loss, that
 * under the new session. An endpoint is valid as long as its session is held.
 *
 * Cost on the wire: that of `lease.prepare`, once for each session.
 */
export function injectPreparedFile(
  session: () => StoreState<SessionSnapshot>,
  fileName: () => string,
  options: Omit<PrepareOptions, "signal"> = {},
): Signal<StoreState<TransferEndpoint>> {
  const lease = computed(() => leaseOf(session()));
  return injectStore(() => preparedFileStore(lease(), fileName(), options));
}

/**
 * Runs a download until the component is destroyed, and holds what a screen shows of it. Nothing is started where
 * `start` returns `undefined`. Another function is another download.
 *
 * Cost on the wire: that of the download. It is aborted 2 s after the component was destroyed.
 */
export function injectItemDownload(start: () => StartDownload | undefined): Signal<StoreState<DownloadState>> {
  return injectStore(() => downloadStore(start()));
}

function injectStore<T>(create: () => Store<T>): Signal<StoreState<T>> {
  const store = computed(create);
  const state = linkedSignal(() => store().get());
  // Runs in browsers only, and outside of the zone: a session that is held always has a pending timer, so that in the zone
  // the application would never become stable.
  afterRenderEffect((onCleanup) => {
    const { get, subscribe } = store();
    untracked(() => {
      onCleanup(subscribe(() => state.set(get())));
      state.set(get());
    });
  });
  return state.asReadonly();
}
