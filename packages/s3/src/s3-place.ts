import { createHash } from "node:crypto";
import { Keys } from "./keys.ts";
import { parseS3Address } from "./s3-address.ts";
import { SharedStore } from "./shared-store.ts";
import type { StoreOptions } from "./store-clients.ts";
import type { Store } from "./store.ts";

/**
 * A bucket, or a prefix in one, as a place that a content library is published in: the `LibraryPlace` of `@carrel/vcsp`. Each
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

  /** @throws `TypeError`: the address is wrong. Nothing is sent yet. */
  constructor(address: string, options: StoreOptions = {}) {
    const { bucket, prefix } = parseS3Address(address);
    this.label = prefix === "" ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
    this.#shared = new SharedStore(bucket, options);
    this.#store = this.#shared.acquire();
    this.#keys = new Keys(prefix);
  }

  /** Reads a small file; `undefined` if there is none. */
  async read(path: string): Promise<{ readonly text: string; readonly modifiedAtMs: number } | undefined> {
    return this.#store.readText(this.#keys.file(path));
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

  async [Symbol.asyncDispose](): Promise<void> {
    this.#shared.release();
  }
}
