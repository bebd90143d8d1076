import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { CreateHasher, Hasher } from "@carrel/core/transfer";

/** Begins a digest of OpenSSL, or a CRC-32. */
export const createNodeHasher: CreateHasher = (algorithm) => {
  if (algorithm === "CRC32") return new Crc();
  const hash = createHash(algorithm.toLowerCase());
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.copy().digest("hex") };
};

class Crc implements Hasher {
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  hex(): string {
    return this.#value.toString(16);
  }
}
