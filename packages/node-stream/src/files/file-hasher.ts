import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { readSync } from "node:fs";

const block = Buffer.allocUnsafeSlow(262_144);

/** Computes the digest of the bytes of an open file from a position on, a piece at a time, from what is in the file. */
export class FileHasher {
  readonly #fd: number;
  readonly #hash: Hash;
  readonly #start: number;
  #bytes = 0;

  constructor(fd: number, algorithm: string, start: number) {
    this.#start = start;
    this.#fd = fd;
    this.#hash = createHash(algorithm);
  }

  /** Goes on to a byte, counted from the start; returns the digest up to there. */
  advance(to: number): string {
    while (this.#bytes < to) {
      const length = readSync(this.#fd, block, 0, Math.min(block.length, to - this.#bytes), this.#start + this.#bytes);
      if (length === 0)
        throw new Error(`The file ends at byte ${this.#start + this.#bytes}, before byte ${this.#start + to}.`);
      this.#hash.update(block.subarray(0, length));
      this.#bytes += length;
    }
    return this.#hash.copy().digest("hex");
  }
}
