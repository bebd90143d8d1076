import { createHash } from "node:crypto";
import type { Digest, DigestAlgorithm } from "@carrel/node-stream";
import type { ExistingFile, FilePart } from "@carrel/node-stream/sink";
import { statedDigest } from "./metadata.ts";
import type { Store } from "../store/store.ts";
import type { ObjectHead } from "../store/store-objects.ts";

/**
 * An object that has a file's name. Its digest is the one that an upload of ours, or the store itself, guarantees of these very
 * bytes; where there is none, the object is read.
 */
export class ExistingObject implements ExistingFile {
  readonly location: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly #store: Store;
  readonly #key: string;
  readonly #known = new Map<DigestAlgorithm, string>();

  constructor(store: Store, key: string, head: ObjectHead, recorded?: Digest) {
    this.location = store.locationOf(key);
    this.sizeBytes = head.sizeBytes;
    this.etag = head.etag;
    this.#store = store;
    this.#key = key;
    const stored = head.sha256 === undefined ? undefined : Buffer.from(head.sha256, "base64").toString("hex");
    for (const digest of [
      recorded,
      statedDigest(head.metadata),
      stored && ({ algorithm: "sha256", hex: stored } as const),
    ])
      if (digest) this.#known.set(digest.algorithm, digest.hex);
  }

  async has({ algorithm, hex }: Digest, signal: AbortSignal): Promise<boolean> {
    return (await this.digest(algorithm, signal)) === hex;
  }

  async digest(algorithm: DigestAlgorithm, signal: AbortSignal): Promise<string> {
    const hex = this.#known.get(algorithm) ?? (await this.digestOf(algorithm, { bytes: this.sizeBytes, signal }));
    this.#known.set(algorithm, hex);
    return hex;
  }

  async digestOf(algorithm: DigestAlgorithm, { bytes, signal, start = 0 }: FilePart): Promise<string> {
    const hash = createHash(algorithm);
    for await (const block of this.#read(start, start + bytes, signal)) hash.update(block);
    return hash.digest("hex");
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const blocks: Uint8Array[] = [];
    for await (const block of this.#read(position, position + length)) blocks.push(block);
    return Buffer.concat(blocks);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is open between two reads.
  }

  #read(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#store.read(this.#key, { etag: this.etag, start, end: Math.min(end, this.sizeBytes), signal });
  }
}
