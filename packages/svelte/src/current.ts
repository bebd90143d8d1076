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
import { createSubscriber } from "svelte/reactivity";
import { getCarrelClient } from "./context.ts";

/** A state that is read as `current`. The store behind it is listened to as long as an effect, or a template, reads it. */
class Current<T> {
  readonly #keys: () => readonly unknown[];
  readonly #create: () => Store<T>;
  #latest: { readonly keys: readonly unknown[]; readonly store: Store<T>; readonly listen: () => void } | undefined;

  protected constructor(keys: () => readonly unknown[], create: () => Store<T>) {
    this.#keys = keys;
    this.#create = create;
  }

  /** The current state: the same object until it changes. */
  get current(): StoreState<T> {
    const keys = this.#keys();
    let latest = this.#latest;
    if (!latest || keys.some((key, index) => key !== latest?.keys[index])) {
      const store = this.#create();
      this.#latest = latest = { keys, store, listen: createSubscriber(store.subscribe) };
    }
    latest.listen();
    return latest.store.get();
  }
}

/**
 * A download session on an item, kept alive as long as its `current` state is shown. All that show the same item share
 * the session. After a loss a new one is opened, unless `options.reopen` is `false`. Without an item, and on a server,
 * nothing is opened and the state remains `pending`.
 *
 * Cost on the wire: that of `session$` of `@carrel/rx`.
 *
 * @throws TypeError, RangeError when `current` is read: as `sessionStore` of `@carrel/rx`.
 *
 * @example
 * ```ts
 * import { DownloadSession, PreparedFile } from "@carrel/svelte";
 *
 * // in the script of a component: the argument is a function, so that it follows a property
 * export function fileOf(itemId: () => string | undefined, fileName: string): PreparedFile {
 *   return new PreparedFile(new DownloadSession(itemId), () => fileName);
 * }
 * ```
 */
export class DownloadSession extends Current<SessionSnapshot> {
  constructor(itemId: () => string | undefined, options: SessionStoreOptions = {}) {
    const client = getCarrelClient();
    super(
      () => [itemId()],
      () => sessionStore(client, itemId(), options),
    );
  }
}

/**
 * All download sessions of the user, listed repeatedly as long as the `current` state is shown.
 *
 * Cost on the wire: that of `sessions$` of `@carrel/rx`.
 */
export class DownloadSessions extends Current<readonly ListedSession[]> {
  constructor(options: SessionsOptions = {}) {
    const client = getCarrelClient();
    super(
      () => [],
      () => sessionsStore(client, options),
    );
  }
}

/**
 * The transfer endpoint of a file under a {@link DownloadSession}; after a loss, that under the new session. An endpoint
 * is valid as long as its session is held.
 *
 * Cost on the wire: that of `lease.prepare`, once for each session.
 */
export class PreparedFile extends Current<TransferEndpoint> {
  constructor(
    session: { readonly current: StoreState<SessionSnapshot> },
    fileName: () => string,
    options: Omit<PrepareOptions, "signal"> = {},
  ) {
    const lease = (): ReturnType<typeof leaseOf> => leaseOf(session.current);
    super(
      () => [lease(), fileName()],
      () => preparedFileStore(lease(), fileName(), options),
    );
  }
}

/**
 * A download that runs as long as its `current` state is shown. Nothing is started where `start` returns `undefined`.
 * Another function is another download.
 *
 * Cost on the wire: that of the download. It is aborted 2 s after the last effect has stopped reading it.
 */
export class ItemDownload extends Current<DownloadState> {
  constructor(start: () => StartDownload | undefined) {
    super(
      () => [start()],
      () => downloadStore(start()),
    );
  }
}
