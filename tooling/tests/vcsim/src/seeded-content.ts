import { createCipheriv, createHash } from "node:crypto";

const blockBytes = 256 * 1024;
const zeros = new Uint8Array(blockBytes);

/** Yields the same bytes for the same seed, in blocks of 256 KiB. They do not compress. */
export function* seededContent(seed: string, sizeBytes: number): Generator<Uint8Array, void, undefined> {
  const digest = createHash("sha256").update(seed).digest();
  const cipher = createCipheriv("aes-128-ctr", digest.subarray(0, 16), digest.subarray(16, 32));
  for (let left = sizeBytes; left > 0; left -= blockBytes)
    yield cipher.update(zeros.subarray(0, Math.min(left, blockBytes)));
}

/** The SHA-256 of the blocks as lower-case hex. */
export function sha256Of(blocks: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const block of blocks) hash.update(block);
  return hash.digest("hex");
}
