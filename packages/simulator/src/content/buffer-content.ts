import { chunkBytes } from "./content.ts";
import type { Content } from "./content.ts";

/** Content held in memory. */
export function bufferContent(bytes: Uint8Array): Content {
  return {
    sizeBytes: bytes.length,
    *read(start, end): Iterable<Uint8Array> {
      for (let at = start; at < end; at += chunkBytes) yield bytes.subarray(at, Math.min(at + chunkBytes, end));
    },
  };
}
