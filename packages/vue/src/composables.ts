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
import { computed, getCurrentInstance, getCurrentScope, onMounted, shallowRef, toValue, watch } from "vue";
import type { MaybeRefOrGetter, ShallowRef } from "vue";
import { useCarrelClient } from "./plugin.ts";

/**
 * Opens a download session on an item and keeps it alive as long as the component is mounted. Components that show the
 * same item share the session. After a loss it opens a new one, unless `reopen` is `false`. Without an item, and on a
 * server, it opens nothing and remains `pending`.
 *
 * Cost on the wire: that of `session$` of `@carrel/rx`. It is opened when the component is mounted, and another
 * component that is mounted within `lingerMs` keeps it.
 *
 * @throws Error where the plugin is not installed; TypeError, RangeError as `sessionStore` of `@carrel/rx`.
 *
 * @example
 * ```ts
 * import { useDownloadSession, usePreparedFile } from "@carrel/vue";
 * import { computed } from "vue";
 * import type { ComputedRef } from "vue";
 *
 * export function useFileUrl(itemId: () => string | undefined, fileName: string): ComputedRef<string | undefined> {
 *   const file = usePreparedFile(useDownloadSession(itemId), fileName);
 *   return computed(() => file.value.value?.uri);
 * }
 * ```
 */
export function useDownloadSession(
  itemId: MaybeRefOrGetter<string | undefined>,
  options: MaybeRefOrGetter<SessionStoreOptions> = {},
): Readonly<ShallowRef<StoreState<SessionSnapshot>>> {
  const client = useCarrelClient();
  return useStore(() => sessionStore(client, toValue(itemId), toValue(options)));
}

/**
 * Lists all download sessions of the user, repeatedly, as long as the component is mounted.
 *
 * Cost on the wire: that of `sessions$` of `@carrel/rx`.
 */
export function useDownloadSessions(
  options: MaybeRefOrGetter<SessionsOptions> = {},
): Readonly<ShallowRef<StoreState<readonly ListedSession[]>>> {
  const client = useCarrelClient();
  return useStore(() => sessionsStore(client, toValue(options)));
}

/**
 * Prepares a file under a session of {@link useDownloadSession} and holds its transfer endpoint; after a loss, that
 * under the new session. An endpoint is valid as long as its session is held.
 *
 * Cost on the wire: that of `lease.prepare`, once for each session.
 */
export function usePreparedFile(
  session: MaybeRefOrGetter<StoreState<SessionSnapshot>>,
  fileName: MaybeRefOrGetter<string>,
  options: MaybeRefOrGetter<Omit<PrepareOptions, "signal">> = {},
): Readonly<ShallowRef<StoreState<TransferEndpoint>>> {
  const lease = computed(() => leaseOf(toValue(session)));
  return useStore(() => preparedFileStore(lease.value, toValue(fileName), toValue(options)));
}

/**
 * Runs a download as long as the component is mounted, and holds what a screen shows of it. Nothing is started where
 * the ref or getter `start` holds `undefined`. Another function is another download.
 *
 * Cost on the wire: that of the download. It is aborted 2 s after the component has left.
 */
export function useItemDownload(
  start: Readonly<ShallowRef<StartDownload | undefined>> | (() => StartDownload | undefined),
): Readonly<ShallowRef<StoreState<DownloadState>>> {
  return useStore(() => downloadStore(toValue(start)));
}

function useStore<T>(create: () => Store<T>): Readonly<ShallowRef<StoreState<T>>> {
  const store = computed(create);
  const state = shallowRef(store.value.get());

  function listen(): void {
    watch(
      store,
      ({ get, subscribe }, _, onCleanup) => {
        onCleanup(subscribe(() => (state.value = get())));
        state.value = get();
      },
      { immediate: true },
    );
  }
  // A component listens from its mount on, which no server comes to. Elsewhere there is nothing to wait for.
  const scope = getCurrentScope();
  if (getCurrentInstance()) onMounted(() => scope?.run(listen));
  else listen();
  return state;
}
