import { createHash } from "node:crypto";
import { systemClock, TransferError } from "@carrel/core";
import { backOffMs, sleep } from "@carrel/core/kit";
import { quote } from "@carrel/node-stream/fs";
import type { Digest, DigestAlgorithm } from "@carrel/node-stream";
import type { SeenObject } from "./store/copy-object.ts";
import { ExistingObject } from "./upload/existing-object.ts";
import { Lease } from "./upload/lease.ts";
import { endUploads, MirrorIncoming, uploadedBytes } from "./mirror/mirror-incoming.ts";
import type { IncomingParts } from "./mirror/mirror-incoming.ts";
import { MirrorObjects } from "./mirror/mirror-objects.ts";
import { lockKey, MirrorRecords } from "./mirror/mirror-records.ts";
import type { ItemKey } from "./mirror/mirror-records.ts";
import { parseS3Address } from "./store/s3-address.ts";
import type { S3SinkOptions } from "./s3-sink.ts";
import { SharedStore } from "./store/shared-store.ts";
import { concernsStore, isWorthRepeating } from "./store/store-error.ts";
import type { Store } from "./store/store.ts";
import { readUploadSettings } from "./upload/upload-settings.ts";
import type { UploadSettings } from "./upload/upload-settings.ts";

/** How the lock of a mirror is acquired. */
export interface MirrorLockOptions {
  readonly signal: AbortSignal;
  readonly onWait: (wait: { readonly holder: string; readonly leftMs: number }) => void;
  /** Record of the item that alone is locked, with its files. Absent for the whole mirror. */
  readonly item?: ItemKey;
  readonly inUse: (holder: string, path: string) => Error;
}

/** The lock of a mirror. Disposal gives it back. */
export interface MirrorLock extends AsyncDisposable {
  readonly signal: AbortSignal;
  assertHeld(): Promise<void>;
}

/** How an object is read. */
interface Reading {
  readonly signal: AbortSignal;
  readonly onProgress?: (bytes: number) => void;
}

const maxAttempts = 5;
const pauses = { firstMs: 200, longestMs: 5_000 };

/** Reads an object, and continues where a connection breaks. */
async function* readPatiently(store: Store, object: SeenObject, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { etag, key, sizeBytes: end } = object;
  let start = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      for await (const block of store.read(key, { etag, start, end, signal })) {
        start += block.length;
        attempt = 1;
        yield block;
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (attempt >= maxAttempts || !isWorthRepeating(error)) throw error;
    }
    await sleep(systemClock, backOffMs(attempt, pauses, Math.random()), signal);
  }
}

/**
 * A bucket, or a prefix in one, as the place of a mirror: the `MirrorPlace` of `@carrel/mirror/source`, for one run, or for the
 * update of one item beside others, at a time. An object has the key `PREFIX/DIRECTORY/FILE`; what the mirror keeps for itself has the names that it has in a directory.
 *
 * Files of an item are uploads that nobody sees until all of them are whole. Then the record says that they are coming, each
 * is completed under its final key, on the condition that what has the key is what was seen there, and the record is written. A
 * reader can see files of two versions for as long as these requests take, whatever time the download took. A run that is killed
 * before leaves the version before, and uploads that the next run resumes; one that is killed between two of these requests leaves
 * a record which says so, and the next run compares what is there and completes the rest.
 *
 * A run that lost its lock gives no file its name: it asks for the lock after it has seen what has the name, and writes only over
 * that. Its records fail, because they are written over what it read alone.
 *
 * An item that was renamed is copied within the store, file by file, and nothing of it is fetched.
 *
 * @private Does not follow semantic versioning.
 */
export class S3Mirror implements AsyncDisposable {
  readonly location: string;
  readonly label: string;
  readonly records: MirrorRecords;
  readonly library: {
    readonly label: string;
    read(path: string): Promise<{ readonly text: string; readonly modifiedAtMs: number } | undefined>;
    write(path: string, text: string): Promise<void>;
    delete(path: string): Promise<void>;
  };
  readonly #prefix: string;
  readonly #shared: SharedStore;
  readonly #store: Store;
  readonly #objects: MirrorObjects;
  readonly #settings: UploadSettings;
  #lease: Lease | undefined;

  /** @throws `TypeError` or `RangeError`: the address or an option is wrong. Nothing is sent yet. */
  constructor(address: string, options?: S3SinkOptions);
  /** @internal */
  constructor(address: string, options: S3SinkOptions, shared: SharedStore | undefined);
  constructor(address: string, options: S3SinkOptions = {}, shared?: SharedStore) {
    const { bucket, prefix } = parseS3Address(address);
    const { onMissing, partBytes, partsInFlight, ...store } = options;
    this.#settings = readUploadSettings({ partBytes, partsInFlight });
    this.location = prefix === "" ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
    this.label = quote(this.location);
    this.#prefix = prefix === "" ? "" : `${prefix}/`;
    this.#shared = shared ?? new SharedStore(bucket, store, onMissing);
    this.#store = this.#shared.acquire();
    this.#objects = new MirrorObjects(this.#store, this.#prefix);
    this.records = new MirrorRecords(this.#store, this.#prefix, this.#objects, {
      assertUsable: () => this.#shared.assertUsable(this.#prefix),
      assertHeld: () => this.#assertHeld(),
    });
    this.library = {
      label: this.location,
      read: (path) => this.#store.readText(this.#prefix + path),
      write: (path, text) => this.#writeText(path, text),
      delete: (path) => this.#delete(path),
    };
  }

  /**
   * Returns the mirror at another address in the same bucket. Both have connections and credentials in common.
   *
   * @throws `TypeError`: it is not an address, or one of another bucket.
   */
  at(address: string): S3Mirror {
    const { bucket } = parseS3Address(address);
    if (bucket !== this.#shared.bucket)
      throw new TypeError(`"${address}" is not in the bucket "${this.#shared.bucket}"`);
    const { partsInFlight, smallestPartBytes: partBytes } = this.#settings;
    return new S3Mirror(address, { partBytes, partsInFlight }, this.#shared);
  }

  /** An object that changes while this run is alive: see {@link Lease}. */
  async lock({ inUse, item, onWait, signal }: MirrorLockOptions): Promise<MirrorLock> {
    await this.#shared.assertUsable(this.#prefix);
    const key = lockKey(this.#prefix, item);
    const place = {
      store: this.#store,
      key,
      name: this.location,
      inUse: (holder: string) => inUse(holder, this.#store.locationOf(key)),
    };
    const lease = await Lease.open(place, { onWait: (_name, wait) => onWait(wait) }, signal);
    await lease.save({ bytes: 0 });
    this.#lease = lease;
    this.#objects.forget();
    if (item === undefined) this.#objects.expectAll();
    return {
      signal: lease.signal,
      assertHeld: () => lease.assertHeld(),
      // Another run may have it: then it is that one's to remove.
      [Symbol.asyncDispose]: () => lease.remove().catch(() => lease.release()),
    };
  }

  locationOf(directory: string, file: string = ""): string {
    return `${this.location}/${directory}${file === "" ? "" : `/${file}`}`;
  }

  async kindOf(directory: string): Promise<"directory" | undefined> {
    return (await this.#objects.has(directory)) ? "directory" : undefined;
  }

  hasDirectory(directory: string): Promise<boolean> {
    return this.#objects.has(directory);
  }

  async sizeOf(directory: string, file: string): Promise<number | undefined> {
    return (await this.#objects.get(directory, file))?.sizeBytes;
  }

  sizeOfFile(directory: string, file: string): Promise<number | undefined> {
    return this.sizeOf(directory, file);
  }

  async modifiedAtMs(directory: string, file: string): Promise<number> {
    return (await this.#objects.get(directory, file))?.modifiedAtMs ?? 0;
  }

  /** Reads the object back, whatever the store states of it. */
  async hasDigest(
    directory: string,
    file: string,
    { algorithm, hex }: Digest,
    { onProgress, signal }: Reading,
  ): Promise<boolean> {
    const key = this.#objects.keyOf(directory, file);
    const head = await this.#store.head(key, signal);
    if (head === undefined) return false;
    const hash = createHash(algorithm);
    for await (const block of readPatiently(this.#store, { ...head, key }, signal)) {
      hash.update(block);
      onProgress?.(block.length);
    }
    return hash.digest("hex") === hex.toLowerCase();
  }

  async digestOf(
    directory: string,
    file: string,
    { algorithm, sizeBytes: bytes }: { readonly algorithm: DigestAlgorithm; readonly sizeBytes: number },
    { signal }: Reading,
  ): Promise<string> {
    return (await this.#open(directory, file)).digestOf(algorithm, { bytes, signal });
  }

  async readFile(directory: string, file: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const object = await this.#open(directory, file);
    return object.sizeBytes > maxBytes ? undefined : object.read(0, object.sizeBytes);
  }

  async createDirectory(): Promise<void> {
    // It is there with its first file.
  }

  async deleteDirectory(): Promise<void> {
    // It is gone with its last file.
  }

  /** @throws `TransferError` `exists`: it is not what was listed any more. */
  async deleteFile(directory: string, file: string): Promise<void> {
    const key = this.#objects.keyOf(directory, file);
    const [head, known] = await Promise.all([this.#store.head(key), this.#objects.get(directory, file)]);
    if (head !== undefined && head.etag !== known?.etag) {
      const path = this.#store.locationOf(key);
      const message = `Cannot delete ${quote(path)}: another program replaced it during this run`;
      throw new TransferError(message, { problem: "exists", path, retryable: true });
    }
    await this.#assertHeld();
    await this.#delete(`${directory}/${file}`);
  }

  incoming(name: string, directory: string): MirrorIncoming {
    return new MirrorIncoming(this.#parts, name, directory);
  }

  arrivedBytes(name: string, directory: string): Promise<number> {
    return uploadedBytes(this.#parts, name, directory);
  }

  deleteDownloads(isWanted: (name: string, directory: string) => boolean): Promise<void> {
    return endUploads(this.#parts, isWanted);
  }

  /** Has no meaning in a store. */
  async freeBytes(): Promise<undefined> {
    return undefined;
  }

  concernsAll(error: unknown): boolean {
    return concernsStore(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#shared.release();
  }

  get #parts(): IncomingParts {
    return {
      store: this.#store,
      prefix: this.#prefix,
      objects: this.#objects,
      assertHeld: () => this.#assertHeld(),
      isStill: (owner) => this.#lease?.isFrom(owner) === true,
      ...this.#settings,
    };
  }

  /** A place that was not locked is only read. */
  async #assertHeld(): Promise<void> {
    await this.#lease?.assertHeld();
  }

  async #open(directory: string, file: string): Promise<ExistingObject> {
    const key = this.#objects.keyOf(directory, file);
    const head = await this.#store.head(key);
    if (head !== undefined) return new ExistingObject(this.#store, key, head);
    const path = this.#store.locationOf(key);
    throw new TransferError(`Cannot read ${quote(path)}: it does not exist`, { problem: "disk", path });
  }

  async #writeText(path: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const sha256 = createHash("sha256").update(bytes).digest();
    const etag = await this.#store.put(this.#prefix + path, { bytes, sha256 }, { contentType: "application/json" });
    const slash = path.indexOf("/");
    if (slash < 0) return;
    await this.#objects.written(path.slice(0, slash), path.slice(slash + 1), { sizeBytes: bytes.length, etag });
  }

  async #delete(path: string): Promise<void> {
    await this.#store.delete(this.#prefix + path);
    const slash = path.indexOf("/");
    if (slash > 0) await this.#objects.deleted(path.slice(0, slash), path.slice(slash + 1));
  }
}
