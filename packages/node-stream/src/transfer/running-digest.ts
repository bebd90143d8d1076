import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ChecksumAlgorithm } from "@carrel/core";

/** Digests of a file, hexadecimal in lower case. */
export type Digests = Partial<Record<ChecksumAlgorithm, string>>;

/** Digests that run along with the bytes; where none is asked for a CRC-32, enough to recognise bytes that are read again. */
export class RunningDigest {
  readonly #algorithms: readonly ChecksumAlgorithm[];
  readonly #hashes: readonly Hash[];
  #crc = 0;
  #bytes = 0;

  constructor(algorithms: readonly ChecksumAlgorithm[]) {
    this.#algorithms = [...new Set(algorithms)];
    this.#hashes = this.#algorithms.map((algorithm) => createHash(algorithm.toLowerCase()));
  }

  update(chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength;
    if (this.#hashes.length === 0) this.#crc = crc32(chunk, this.#crc);
    for (const hash of this.#hashes) hash.update(chunk);
  }

  /** An empty one of the same kind, for the same bytes read once more. */
  fresh(): RunningDigest {
    return new RunningDigest(this.#algorithms);
  }

  equals(other: RunningDigest): boolean {
    const [mine, theirs] = [this.digests(), other.digests()];
    return (
      this.#bytes === other.#bytes &&
      this.#crc === other.#crc &&
      this.#algorithms.every((algorithm) => mine[algorithm] === theirs[algorithm])
    );
  }

  /** The digests of the bytes so far. */
  digests(): Digests {
    return Object.fromEntries(
      this.#algorithms.map((algorithm, index) => [algorithm, this.#hashes[index]?.copy().digest("hex") ?? ""]),
    );
  }
}
