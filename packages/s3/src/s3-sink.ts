import type { Sink } from "@carrel/node-stream";
import type { ClaimedFile, ItemSink, PartialStat, SavedFile, SavedItem, SinkItem } from "@carrel/node-stream/sink";
import { ClaimedObject } from "./upload/claimed-object.ts";
import { ExistingObject } from "./upload/existing-object.ts";
import { addToItemRecord, readItemRecord } from "./store/item-record.ts";
import type { ItemRecord } from "./store/item-record.ts";
import { Keys } from "./store/keys.ts";
import { Lease } from "./upload/lease.ts";
import { parseS3Address } from "./store/s3-address.ts";
import { SharedStore } from "./store/shared-store.ts";
import type { StoreOptions } from "./store/store-clients.ts";
import type { MissingFeature } from "./store/store-features.ts";
import type { Store } from "./store/store.ts";
import { isSameContent, parseUploadRecord } from "./upload/upload-record.ts";
import { readUploadSettings } from "./upload/upload-settings.ts";
import type { UploadSettings } from "./upload/upload-settings.ts";

/** Options of an {@link S3Sink}. */
export interface S3SinkOptions extends StoreOptions {
  /**
   * The least length of a part, in bytes: longer files have longer parts. At least 5 MiB.
   *
   * @defaultValue 8 MiB
   */
  readonly partBytes?: number | undefined;
  /**
   * Parts of one file that are on their way at once. A file takes up to `partsInFlight + 1` parts of memory.
   *
   * @defaultValue 3
   */
  readonly partsInFlight?: number | undefined;
  /** Called once for each feature that the store turns out not to support. */
  readonly onMissing?: ((feature: MissingFeature, storeCode: string) => void) | undefined;
}

/**
 * A bucket, or a prefix in one, as a place for files. Files of several parts are uploaded in parts, each with its SHA-256; an
 * object appears when the whole file was compared, in one request that fails if something else took the name meanwhile. A run
 * that was killed is resumed after its last whole part, also by another machine.
 *
 * Records are objects below `.carrel/`. Needed are the rights to list the bucket, to get, put and delete objects, and to list
 * and abort uploads.
 *
 * A file takes at most `(partsInFlight + 1)` × the length of its parts of memory: 32 MiB by default for files up to 70 GiB.
 * Digests cost 4 s of CPU for a GiB, or 9 where the server does not state beforehand which one it has.
 *
 * @example
 * ```ts
 * import { downloadItem } from "@carrel/node-stream";
 * import { S3Sink } from "@carrel/s3";
 * import type { CarrelClient } from "@carrel/core";
 *
 * async function save(client: CarrelClient, itemId: string): Promise<void> {
 *   const sink = new S3Sink("s3://images/lab", { endpoint: "https://store.example:9000" });
 *   await downloadItem(client, itemId, sink).report;
 * }
 * ```
 */
export class S3Sink implements Sink {
  readonly location: string;
  readonly #shared: SharedStore;
  readonly #keys: Keys;
  readonly #settings: UploadSettings;

  /** @throws `TypeError` or `RangeError`: the address or an option is wrong. Nothing is sent yet. */
  constructor(address: string, options?: S3SinkOptions);
  /** @internal */
  constructor(address: string, options: S3SinkOptions, shared: SharedStore | undefined);
  constructor(address: string, options: S3SinkOptions = {}, shared?: SharedStore) {
    const { bucket, prefix } = parseS3Address(address);
    const { onMissing, partBytes, partsInFlight, ...store } = options;
    this.#settings = readUploadSettings({ partBytes, partsInFlight });
    this.location = prefix === "" ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
    this.#shared = shared ?? new SharedStore(bucket, store, onMissing);
    this.#keys = new Keys(prefix);
  }

  /**
   * Returns the place at another address in the same bucket. Both have connections and credentials in common.
   *
   * @throws `TypeError`: it is not an address, or one of another bucket.
   */
  at(address: string): S3Sink {
    const { bucket } = parseS3Address(address);
    if (bucket !== this.#shared.bucket)
      throw new TypeError(`"${address}" is not in the bucket "${this.#shared.bucket}"`);
    const { partsInFlight, smallestPartBytes: partBytes } = this.#settings;
    return new S3Sink(address, { partBytes, partsInFlight }, this.#shared);
  }

  /** @throws `StoreError`: the bucket cannot be used. Changes nothing. */
  async assertUsable(): Promise<void> {
    this.#shared.acquire();
    try {
      await this.#shared.assertUsable(this.#keys.prefix);
    } finally {
      this.#shared.release();
    }
  }

  async open(item: SinkItem): Promise<ItemSink> {
    return new S3ItemSink(this.location, item, { shared: this.#shared, keys: this.#keys, settings: this.#settings });
  }
}

interface S3ItemSinkParts {
  readonly shared: SharedStore;
  readonly keys: Keys;
  readonly settings: UploadSettings;
}

/** A place in a store, for one download of one item. */
class S3ItemSink implements ItemSink {
  readonly location: string;
  readonly #item: SinkItem;
  readonly #parts: S3ItemSinkParts;
  readonly #store: Store;
  readonly #etags = new Map<string, string>();
  #record: Promise<ItemRecord | undefined> | undefined;

  constructor(location: string, item: SinkItem, parts: S3ItemSinkParts) {
    this.location = location;
    this.#item = item;
    this.#parts = parts;
    this.#store = parts.shared.acquire();
  }

  locationOf(name: string): string {
    return this.#store.locationOf(this.#parts.keys.file(name));
  }

  /** Nothing can have the name of an object but an object. */
  async hasObstacles(): Promise<boolean> {
    return false;
  }

  async assertNoObstacle(): Promise<void> {
    // There are none.
  }

  create(): Promise<void> {
    return this.#parts.shared.assertUsable(this.#parts.keys.prefix);
  }

  async partialBytes(name: string): Promise<number> {
    const found = await this.#store.readText(this.#parts.keys.upload(name)).catch(() => undefined);
    return (found && parseUploadRecord(found.text)?.bytes) ?? 0;
  }

  async statPartial(name: string, contentVersion: () => Promise<string | undefined>): Promise<PartialStat | undefined> {
    const found = await this.#store.readText(this.#parts.keys.upload(name));
    const record = found && parseUploadRecord(found.text);
    if (record?.upload === undefined) return undefined;
    const { itemId, origin } = this.#item;
    const version = await contentVersion();
    const isSame =
      version !== undefined && isSameContent(record, { origin, itemId, file: name, contentVersion: version });
    return { partBytes: record.bytes, resumeAtByte: isSame ? record.bytes : 0 };
  }

  async stat(name: string): Promise<{ readonly sizeBytes: number } | undefined> {
    return this.#store.head(this.#parts.keys.file(name));
  }

  async openExisting(name: string): Promise<ExistingObject | undefined> {
    const key = this.#parts.keys.file(name);
    const head = await this.#store.head(key);
    if (head === undefined) return undefined;
    const { etags, item } = (await this.#readRecord()) ?? {};
    const saved = etags?.[name] === head.etag ? item?.files.find((file) => file.name === name) : undefined;
    return new ExistingObject(this.#store, key, head, saved?.digest);
  }

  async claim(name: string, signal: AbortSignal): Promise<ClaimedFile> {
    const { itemId, origin } = this.#item;
    const { keys, settings } = this.#parts;
    const store = this.#store;
    const lease = await Lease.open({ store, key: keys.upload(name), name }, this.#item, signal);
    return new ClaimedObject({
      ...settings,
      store,
      key: keys.file(name),
      identity: { origin, itemId, file: name },
      lease,
      onPublished: (etag) => this.#etags.set(name, etag),
    });
  }

  async savedFiles(): Promise<ReadonlyMap<string, SavedFile>> {
    const record = await this.#readRecord();
    return new Map(record?.item.files.map((file) => [file.name, file]));
  }

  async saveFiles(item: Pick<SavedItem, "name" | "library" | "files">, signal: AbortSignal): Promise<void> {
    const { itemId: id, origin: server } = this.#item;
    const etags = Object.fromEntries(
      item.files.flatMap(({ name }) => {
        const etag = this.#etags.get(name);
        return etag === undefined ? [] : [[name, etag]];
      }),
    );
    const added = { item: { server, id, ...item }, etags };
    await addToItemRecord(this.#store, this.#parts.keys.item(server, id), added, signal);
    this.#record = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.shared.release();
  }

  #readRecord(): Promise<ItemRecord | undefined> {
    const { itemId, origin } = this.#item;
    this.#record ??= readItemRecord(this.#store, this.#parts.keys.item(origin, itemId));
    return this.#record;
  }
}
