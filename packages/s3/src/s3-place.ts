import { createHash } from "node:crypto";
import type { DigestAlgorithm } from "@carrel/node-stream";
import { ExistingObject } from "./upload/existing-object.ts";
import { readItemRecord } from "./store/item-record.ts";
import type { ItemRecord } from "./store/item-record.ts";
import { Keys, prefixOfItemRecord } from "./store/keys.ts";
import { Lease } from "./upload/lease.ts";
import { parseS3Address } from "./store/s3-address.ts";
import { SharedStore } from "./store/shared-store.ts";
import type { StoreOptions } from "./store/store-clients.ts";
import type { Store } from "./store/store.ts";

/** A transfer begins at once, and asks for another one when it resumes. */
const signedForSeconds = 900;

/** A file below a place, as it is listed. */
export interface PlaceEntry {
  /** Relative to the place. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** The ETag. */
  readonly tag: string;
}

/** A place that one process works on. Disposal gives it back. */
export interface PlaceLock extends AsyncDisposable {
  /** @throws `TransferError` `lock-lost`: another process took it over. */
  assertHeld(): Promise<void>;
}

/**
 * A bucket, or a prefix in one, as a place that a content library is published in: the `ContentPlace` of `@carrel/vcsp`. Each
 * small file is one request. Disposal closes the connections.
 *
 * Errors are `StoreError`s.
 *
 * @example
 * ```ts
 * import { S3Place } from "@carrel/s3";
 *
 * async function readLibrary(): Promise<string | undefined> {
 *   await using place = new S3Place("s3://images/lab");
 *   return (await place.read("lib.json"))?.text;
 * }
 * ```
 */
export class S3Place implements AsyncDisposable {
  /** For messages, such as `s3://images/lab`. */
  readonly label: string;
  readonly #shared: SharedStore;
  readonly #store: Store;
  readonly #keys: Keys;
  /** Keys of records of items, by the prefix that the item is at. */
  readonly #records = new Map<string, string[]>();
  /** The files of these. */
  readonly #recorded = new Map<string, Promise<readonly ItemRecord[]>>();

  /** @throws `TypeError`: the address is wrong. Nothing is sent yet. */
  constructor(address: string, options: StoreOptions = {}) {
    const { bucket, prefix } = parseS3Address(address);
    this.label = prefix === "" ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
    this.#shared = new SharedStore(bucket, options);
    this.#store = this.#shared.acquire();
    this.#keys = new Keys(prefix);
  }

  /** @throws `StoreError` if the bucket cannot be used. */
  async assertUsable(): Promise<void> {
    await this.#shared.assertUsable(this.#keys.prefix);
  }

  /** Reads a small file; `undefined` if there is none. */
  async read(path: string): Promise<{ readonly text: string; readonly modifiedAtMs: number } | undefined> {
    return this.#store.readText(this.#keys.file(path));
  }

  /**
   * Returns a URL at which anybody can read a file for some minutes: a secret. Nothing is sent.
   *
   * @throws `StoreError`: there are no credentials, or no region.
   */
  async signedUrl(path: string): Promise<string> {
    return this.#store.signedUrl(this.#keys.file(path), signedForSeconds);
  }

  /** Writes a small file: a reader sees the one before or this one, whole. */
  async write(path: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const sha256 = createHash("sha256").update(bytes).digest();
    await this.#store.put(this.#keys.file(path), { bytes, sha256 }, { contentType: "application/json" });
  }

  /** Deletes a small file; does nothing if there is none. */
  async delete(path: string): Promise<void> {
    await this.#store.delete(this.#keys.file(path));
  }

  /** Lists all files below the place, also hidden ones. Costs a request for each thousand. */
  async *list({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<PlaceEntry> {
    const { prefix } = this.#keys;
    this.#records.clear();
    this.#recorded.clear();
    for await (const { key, etag, modifiedAtMs, sizeBytes } of this.#store.objects(prefix, signal)) {
      const item = prefixOfItemRecord(key);
      if (item !== undefined) this.#records.set(item, [...(this.#records.get(item) ?? []), key]);
      yield { path: key.slice(prefix.length), sizeBytes, modifiedAtMs, tag: etag };
    }
  }

  /**
   * Returns a digest of a file that was listed: the one that the store, or an upload of ours, states of these very bytes. Only
   * where there is none the file is read. `undefined` if it was replaced since.
   */
  async digestOf(
    { path, tag }: PlaceEntry,
    algorithm: DigestAlgorithm,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const key = this.#keys.file(path);
    const head = await this.#store.head(key, signal);
    if (head === undefined || head.etag !== tag) return undefined;
    const item = key.slice(0, key.lastIndexOf("/") + 1);
    const name = key.slice(item.length);
    const records = await (this.#recorded.get(item) ?? this.#readRecords(item));
    const record = records.find(({ etags }) => etags[name] === tag);
    const digest = record?.item.files.find((file) => file.name === name)?.digest;
    return new ExistingObject(this.#store, key, head, digest).digest(algorithm, signal);
  }

  /**
   * Keeps other processes from doing the same with what is below the place, until the lock is disposed of.
   *
   * @param name - Of the lock: of what is done, such as `publish`.
   * @param doing - The same for messages, such as `published`.
   * @throws `TransferError` `locked`: a living process does it.
   */
  async lock(name: string, doing: string, signal: AbortSignal): Promise<PlaceLock> {
    const place = { store: this.#store, key: this.#keys.lock(name), name: this.label, doing };
    const lease = await Lease.open(place, {}, signal);
    await lease.save({ bytes: 0 });
    return {
      assertHeld: () => lease.assertHeld(),
      // Another process may have taken it over: then it is that one's to remove.
      [Symbol.asyncDispose]: () => lease.remove().catch(() => lease.release()),
    };
  }

  async #readRecords(item: string): Promise<readonly ItemRecord[]> {
    const keys = this.#records.get(item) ?? [];
    const reading = Promise.all(keys.map((key) => readItemRecord(this.#store, key)));
    const records = reading.then((all) => all.filter((record) => record !== undefined));
    this.#recorded.set(item, records);
    return records;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#shared.release();
  }
}
