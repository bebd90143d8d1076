/** Bytes of a known length that can be read from any offset, any number of times. */
export interface Content {
  readonly sizeBytes: number;
  /** Names the bytes for as long as the process lives, so that digests can be shared. Absent where nothing does. */
  readonly key?: string;
  /**
   * The bytes from `start` (included) to `end` (excluded). A chunk is valid only until the next one is asked for,
   * because its memory is used again.
   */
  read(start: number, end: number): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Size of the chunks that contents are read in. */
export const chunkBytes: number = 256 * 1024;
