import { createCipheriv, createHash } from "node:crypto";
import { chunkBytes } from "./content.ts";
import type { Content } from "./content.ts";

const blockBytes = 64 * 1024;
const patternBytes = 1024 * 1024;

// One random pattern for the process, made at first use: every block of every file is a section of it.
let pattern: Uint8Array | undefined;

function randomPattern(): Uint8Array {
  pattern ??= createCipheriv("aes-128-ctr", "carrel-simulator", new Uint8Array(16)).update(
    new Uint8Array(patternBytes + blockBytes),
  );
  return pattern;
}

/**
 * Generated content of any size: the same bytes at the same offset for the same seed, at the speed of memory, and never held
 * in memory. Each block of 64 KiB starts at its own place of the pattern and begins with its own stamp, so that bytes from a
 * wrong offset or of another seed are always detected. It does not compress.
 */
export function seededContent(seed: string | number, sizeBytes: number): Content {
  const digest = createHash("sha256").update(String(seed)).digest();
  const first = digest.readUInt32LE(0);
  const second = digest.readUInt32LE(4);
  return {
    sizeBytes,
    key: `${digest.toString("hex")}/${sizeBytes}`,
    read: (start, end) => readBlocks(first, second, start, end),
  };
}

function* readBlocks(first: number, second: number, start: number, end: number): Iterable<Uint8Array> {
  const source = randomPattern();
  const buffer = new Uint8Array(Math.min(chunkBytes, Math.ceil((end - start) / blockBytes + 1) * blockBytes));
  const view = new DataView(buffer.buffer);
  const blocks = buffer.length / blockBytes;
  let at = start;
  while (at < end) {
    const block = Math.floor(at / blockBytes);
    const wanted = Math.min(blocks, Math.ceil(end / blockBytes) - block);
    for (let index = 0; index < wanted; index++) {
      const from = mix(block + index, first) % patternBytes;
      buffer.set(source.subarray(from, from + blockBytes), index * blockBytes);
      view.setUint32(index * blockBytes, mix(block + index, second), true);
      view.setUint32(index * blockBytes + 4, mix(first, block + index), true);
    }
    const base = block * blockBytes;
    const stop = Math.min(end, base + wanted * blockBytes);
    yield buffer.subarray(at - base, stop - base);
    at = stop;
  }
}

/** Mixes two numbers of up to 2^53 into 32 bits (the finisher of MurmurHash3). */
function mix(value: number, salt: number): number {
  let hash = ((value % 0x1_0000_0000) ^ Math.imul(Math.floor(value / 0x1_0000_0000), 0x9e3779b1) ^ salt) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
