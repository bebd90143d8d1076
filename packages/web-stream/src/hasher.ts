import type { ChecksumAlgorithm } from "@carrel/core";
import type { CreateHasher, DigestBytes, Hasher } from "@carrel/core/transfer";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const hashes = { MD5: md5, SHA1: sha1, SHA256: sha256, SHA512: sha512 } as const;

/**
 * The digests to compute where the server states its checksum only in the end, if at all: those that servers state. All four
 * would take three times as long, on the thread that draws the page.
 */
export const lateAlgorithms: readonly ChecksumAlgorithm[] = ["SHA1", "SHA256"];

/** Begins a digest, or a CRC-32. */
export const createWebHasher: CreateHasher = (algorithm) => {
  if (algorithm === "CRC32") return new Crc();
  const hash = hashes[algorithm].create();
  return { update: (bytes) => void hash.update(bytes), hex: () => bytesToHex(hash.clone().digest()) };
};

/** Computes the digest of bytes that are in memory. */
export const digestOf: DigestBytes = (algorithm, bytes) => {
  const hasher = createWebHasher(algorithm.toUpperCase() as ChecksumAlgorithm);
  hasher.update(bytes);
  return hasher.hex();
};

class Crc implements Hasher {
  static #table: Uint32Array | undefined;
  #value = 0xffff_ffff;

  update(bytes: Uint8Array): void {
    const table = (Crc.#table ??= Uint32Array.from({ length: 256 }, (_, index) => tableEntry(index)));
    let value = this.#value;
    for (const byte of bytes) value = (table[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
    this.#value = value;
  }

  hex(): string {
    return (~this.#value >>> 0).toString(16);
  }
}

function tableEntry(index: number): number {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb8_8320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
}
