import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { read } from "node:fs";
import { promisify } from "node:util";

/** Bytes hashed at a time, in at most half a millisecond; the event loop runs in between. */
const blockBytes = 262_144;
const readFrom = promisify(read);

/** Computes the digest of the bytes of an open file from a position on, piece by piece, from what is in the file. */
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

  /**
   * Advances to a byte, counted from the start, and returns the digest up to there. Calls must not overlap.
   *
   * @throws the signal's reason, once the file is no longer read.
   */
  async advance(to: number, signal: AbortSignal): Promise<string> {
    const block = Buffer.allocUnsafeSlow(Math.min(blockBytes, Math.max(0, to - this.#bytes)));
    while (this.#bytes < to) {
      signal.throwIfAborted();
      const wanted = Math.min(block.length, to - this.#bytes);
      const { bytesRead } = await readFrom(this.#fd, block, 0, wanted, this.#start + this.#bytes);
      if (bytesRead === 0)
        throw new Error(`The file ends at byte ${this.#start + this.#bytes}, before byte ${this.#start + to}`);
      this.#hash.update(block.subarray(0, bytesRead));
      this.#bytes += bytesRead;
    }
    return this.#hash.copy().digest("hex");
  }
}
