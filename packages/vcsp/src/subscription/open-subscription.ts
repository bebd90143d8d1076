import { defined } from "@carrel/core/kit";
import { ConnectionPool } from "@carrel/node-stream";
import type {
  DownloadItemOptions,
  DownloadTask,
  FileStreamOptions,
  Sink,
  TlsOptions,
  TransferStream,
} from "@carrel/node-stream";
import { quote } from "@carrel/node-stream/fs";
import { downloadFrom, openFileFrom } from "@carrel/node-stream/source";
import type { RemoteItem } from "@carrel/node-stream/source";
import { VcspError } from "../errors.ts";
import { itemsPathOf, readItems, readLibrary } from "../format.ts";
import type { PublishedItem, PublishedLibrary } from "../format.ts";
import { libraryPath, pathOfHref } from "../href.ts";
import type { LibraryFiles } from "./library-files.ts";
import { LibraryServer } from "./library-server.ts";
import type { RequestOptions } from "./library-server.ts";
import { Login } from "./login.ts";
import type { SubscriptionPassword } from "./login.ts";
import { SubscribedItem } from "./subscribed-item.ts";

const maxLibraryBytes = 1_048_576;
const maxItemsBytes = 67_108_864;

/** Options of {@link openSubscription}. */
export interface SubscriptionOptions extends TlsOptions, RequestOptions {
  /**
   * The password of the user `vcsp`, or a function that returns it. It is sent, and the function called, once, and only after the
   * server has required a login. Over `http:` others on the network can read it.
   * @defaultValue none: a server that requires a login is an error
   */
  readonly password?: SubscriptionPassword;
  /** Aborts the opening. */
  readonly signal?: AbortSignal;
  /**
   * Connections to share; its `thumbprint`, `ca` and `proxy` apply. It is not closed.
   * @defaultValue connections of its own, closed with the subscription
   */
  readonly pool?: ConnectionPool;
}

/** Options of {@link Subscription.download}. */
export type SubscriptionDownloadOptions = Omit<
  DownloadItemOptions,
  keyof TlsOptions | "pool" | "source" | "sync" | "syncTimeoutMs" | "prepareTimeoutMs"
>;

/** A published library, as it was read last. Disposal closes the connections. */
export interface Subscription extends AsyncDisposable {
  /** Address of its `lib.json`. */
  readonly url: URL;
  readonly library: PublishedLibrary;
  readonly items: readonly PublishedItem[];
  /** An item by its id; `undefined` where the library has none. */
  findItem(id: string): PublishedItem | undefined;
  /** The connections of its transfers. */
  readonly pool: ConnectionPool;
  /**
   * Reads the library again. Costs one small request, and another where its version has changed.
   * @throws {@link VcspError} as {@link openSubscription} does; `changed`: another library has its place.
   */
  refresh(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Downloads an item as `downloadItem` of `@carrel/node-stream` does, with the same events, report and errors. A file whose
   * digest the publisher states is verified by `checksum`, any other by `length` or an OVF manifest. An item that changes
   * meanwhile is an `IntegrityError` (`changed`).
   *
   * Cost on the wire: one transfer for each file, and a request for `lib.json` at the beginning and after each file.
   */
  download(itemId: string, target: string | URL | Sink, options?: SubscriptionDownloadOptions): DownloadTask;
  /** Opens one file of an item as a stream that ends only where the bytes are verified, as `openItemFile` of `@carrel/node-stream` does. */
  openFile(itemId: string, fileName: string, options?: FileStreamOptions): Promise<TransferStream>;
  /**
   * The item as downloads take it.
   *
   * @private Does not follow semantic versioning.
   */
  remoteItem(itemId: string): RemoteItem;
}

/**
 * Opens a published library, as a vCenter does that subscribes to it: reads `lib.json` and `items.json`. Whatever wrote them is
 * not trusted: their lengths are limited to 1 and 64 MiB, nothing outside of the directory of `lib.json` is requested, and
 * redirects are followed within the server only.
 *
 * Cost on the wire: two requests, and one more where a login is required.
 *
 * @throws `VcspError` `VCSP`: there is no library (`not-found`), the server requires a password, or another one (`login`), what
 * it says is not a library (`unreadable`, `duplicate`).
 * @throws `TransferError` `TRANSFER`: the server cannot be reached, or does not answer as a web server.
 * @throws `CertificateError` `CERTIFICATE`: the server's certificate is not accepted; nothing was sent.
 * @throws TypeError: the URL is not one of `http:` or `https:`, has a password, a query or a fragment, or names no file.
 *
 * @example
 * ```ts
 * import { openSubscription } from "@carrel/vcsp/subscribe";
 *
 * async function saveAll(url: string, password: string): Promise<void> {
 *   await using subscription = await openSubscription(url, { password });
 *   for (const { id, name } of subscription.items) {
 *     await using task = subscription.download(id, `./out/${id}`, { record: { item: name } });
 *     const { files } = await task.report;
 *     process.stdout.write(`${name}: ${files.length} files\n`);
 *   }
 * }
 * ```
 */
export async function openSubscription(url: string | URL, options: SubscriptionOptions = {}): Promise<Subscription> {
  const parsed = parseUrl(url);
  const { pool = new ConnectionPool(options), password, signal = neverAborted() } = options;
  const closesPool = pool !== options.pool;
  const login = new Login(parsed.origin, password);
  const { stallTimeoutMs, retryForMs, clock } = options;
  const server = new LibraryServer(parsed, { login, pool, options: defined({ stallTimeoutMs, retryForMs, clock }) });
  return await openSubscriptionOf(server, {
    path: fileNameOf(parsed) ?? libraryPath,
    signal,
    close: async () => {
      login[Symbol.dispose]();
      if (closesPool) await pool[Symbol.asyncDispose]();
    },
  });
}

/** Options of {@link openSubscriptionOf}. */
export interface SubscriptionPlace {
  /**
   * Of `lib.json`.
   * @defaultValue "lib.json"
   */
  readonly path?: string;
  /** Called when the subscription is disposed of, or could not be opened. */
  readonly close: () => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Opens a library that is published anywhere, as {@link openSubscription} does.
 *
 * @private Does not follow semantic versioning.
 */
export async function openSubscriptionOf(
  files: LibraryFiles,
  { path = libraryPath, close, signal }: SubscriptionPlace,
): Promise<Subscription> {
  const subscription = new OpenSubscription(files, path, close);
  try {
    await subscription.refresh({ signal });
    return subscription;
  } catch (error) {
    await subscription[Symbol.asyncDispose]();
    throw error;
  }
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

function parseUrl(url: string | URL): URL {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/u.test(parsed.protocol)) {
    throw new TypeError("The address of a published library must be an http: or https: URL");
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw new TypeError("The address of a published library must have no user and no password in it");
  }
  if (parsed.search !== "" || parsed.hash !== "") {
    throw new TypeError("The address of a published library must have no query and no fragment");
  }
  if (fileNameOf(parsed) === undefined) {
    throw new TypeError("The address of a published library must end in the name of a file, such as lib.json");
  }
  return parsed;
}

/** What the path ends in, as it is called on the server. */
function fileNameOf({ pathname }: URL): string | undefined {
  return pathOfHref(pathname.slice(pathname.lastIndexOf("/") + 1));
}

/** What was read of the library. */
interface ReadLibrary {
  readonly library: PublishedLibrary;
  readonly items: ReadonlyMap<string, PublishedItem>;
}

class OpenSubscription implements Subscription {
  readonly server: LibraryFiles;
  readonly #path: string;
  readonly #close: () => Promise<void>;
  #read: ReadLibrary | undefined;

  constructor(server: LibraryFiles, path: string, close: () => Promise<void>) {
    this.server = server;
    this.#path = path;
    this.#close = close;
  }

  get url(): URL {
    return new URL(this.server.urlOf(this.#path));
  }

  get pool(): ConnectionPool {
    return this.server.pool;
  }

  get library(): PublishedLibrary {
    return this.#known.library;
  }

  get items(): readonly PublishedItem[] {
    return [...this.#known.items.values()];
  }

  findItem(id: string): PublishedItem | undefined {
    return this.#known.items.get(id.toLowerCase());
  }

  get #known(): ReadLibrary {
    if (this.#read === undefined) throw new Error("The library was not read");
    return this.#read;
  }

  async refresh({ signal = neverAborted() }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const text = await this.server.text(this.#path, { limitBytes: maxLibraryBytes, signal });
    const address = this.server.urlOf(this.#path);
    const library = readLibrary(text, address);
    const before = this.#read;
    if (before !== undefined && before.library.id !== library.id) {
      throw new VcspError(`Another library is published at ${quote(address)} now: ${quote(library.name)}`, {
        problem: "changed",
        path: this.#path,
      });
    }
    if (before?.library.version === library.version) return;
    const itemsPath = itemsPathOf(text, address);
    const list = await this.server.text(itemsPath, { limitBytes: maxItemsBytes, signal });
    const items = readItems(list, this.server.urlOf(itemsPath));
    for (const item of items) refuseTwins(item, itemsPath);
    this.#read = { library, items: new Map(items.map((item) => [item.id, item])) };
  }

  async currentItem(id: string, signal: AbortSignal): Promise<PublishedItem> {
    await this.refresh({ signal });
    const item = this.findItem(id);
    if (item !== undefined) return item;
    throw new VcspError(`Library ${quote(this.library.name)} has no item with the id ${quote(id)}`, {
      problem: "not-found",
    });
  }

  download(itemId: string, target: string | URL | Sink, options: SubscriptionDownloadOptions = {}): DownloadTask {
    return downloadFrom(this.remoteItem(itemId), target, { ...options, pool: this.pool });
  }

  async openFile(itemId: string, fileName: string, options: FileStreamOptions = {}): Promise<TransferStream> {
    return await openFileFrom(this.remoteItem(itemId), fileName, { ...options, pool: this.pool });
  }

  remoteItem(itemId: string): RemoteItem {
    return new SubscribedItem(this, itemId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

function refuseTwins({ name, files }: PublishedItem, path: string): void {
  const names = new Set<string>();
  for (const file of files) {
    if (names.has(file.name)) {
      throw new VcspError(`Item ${quote(name)} has two files with the name ${quote(file.name)}`, {
        problem: "duplicate",
        path,
      });
    }
    names.add(file.name);
  }
}
