import type { DigestAlgorithm } from "@carrel/core/transfer";
import type { FilePart } from "../files/digest-thread.ts";

/**
 * A file whose bytes can be read and hashed. Of a file that is not whole yet, a store may have kept only some of the bytes: it
 * keeps what {@link ArchiveRecorder} does of an archive, and rejects with {@link NotRecorded} for the rest.
 *
 * @private Does not follow semantic versioning.
 */
export interface StoredBytes {
  readonly sizeBytes: number;
  /** Returns the digest of all bytes. They are read at most once for each algorithm. */
  digest(algorithm: DigestAlgorithm, signal: AbortSignal): Promise<string>;
  /** Returns the digest of a part of the file. */
  digestOf(algorithm: DigestAlgorithm, part: FilePart): Promise<string>;
  /** Reads at a position; fewer bytes at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
}
