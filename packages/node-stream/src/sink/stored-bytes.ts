import type { DigestAlgorithm } from "../files/checksum.ts";
import type { FilePart } from "../files/digest-thread.ts";

/** A file on the disk whose bytes can be read and hashed. */
export interface StoredBytes {
  readonly sizeBytes: number;
  /** Returns the digest of all bytes. Reads them once for each algorithm. */
  digest(algorithm: DigestAlgorithm, signal: AbortSignal): Promise<string>;
  /** Returns the digest of a part of the file. */
  digestOf(algorithm: DigestAlgorithm, part: FilePart): Promise<string>;
  /** Reads at a position; fewer bytes at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
}
