import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { ChecksumAlgorithm } from "@carrel/core";

/** Digests of a file, hexadecimal in lower case. */
export type Digests = Partial<Record<ChecksumAlgorithm, string>>;

/** Digests that run along with the bytes. */
export class RunningDigest {
  readonly #hashes: ReadonlyMap<ChecksumAlgorithm, Hash>;

  constructor(algorithms: readonly ChecksumAlgorithm[]) {
    this.#hashes = new Map(algorithms.map((algorithm) => [algorithm, createHash(algorithm.toLowerCase())]));
  }

  get isEmpty(): boolean {
    return this.#hashes.size === 0;
  }

  update(chunk: Uint8Array): void {
    for (const hash of this.#hashes.values()) hash.update(chunk);
  }

  /** The digests of the bytes so far. */
  digests(): Digests {
    return Object.fromEntries([...this.#hashes].map(([algorithm, hash]) => [algorithm, hash.copy().digest("hex")]));
  }
}
