import type { ChecksumInfo, LibraryType } from "@carrel/core";

/** What a library holds at first. */
export interface LibrarySeed {
  readonly name: string;
  /**
   * Identifier of the library.
   * @defaultValue a new UUID
   */
  readonly id?: string;
  /** @defaultValue "" */
  readonly description?: string;
  /** @defaultValue "LOCAL" */
  readonly type?: LibraryType;
  /**
   * Whether a SUBSCRIBED library fetches file content only when asked for. Its items then start uncached.
   * @defaultValue false
   */
  readonly onDemand?: boolean;
  /** @defaultValue no items */
  readonly items?: readonly ItemSeed[];
}

/** What a library item holds at first. */
export interface ItemSeed {
  readonly name: string;
  /**
   * Identifier of the item.
   * @defaultValue a new UUID
   */
  readonly id?: string;
  /** @defaultValue "" */
  readonly description?: string;
  /**
   * Kind of the item, such as `iso` or `ovf`.
   * @defaultValue ""
   */
  readonly type?: string;
  /**
   * Whether the content is on disk. An uncached item must be synchronised before it can be downloaded.
   * @defaultValue true, but false in an on-demand library
   */
  readonly cached?: boolean;
  /** @defaultValue no files */
  readonly files?: readonly FileSeed[];
}

/** A file with its content, from one of several sources. The name may be as hostile as a test needs it. */
export type FileSeed = BytesFileSeed | TextFileSeed | PathFileSeed | VirtualFileSeed;

interface FileSeedBase {
  readonly name: string;
  /**
   * What the server says of the file instead of the truth, to test a client's checks.
   * @defaultValue the truth
   */
  readonly states?: StatedFacts;
}

/** What a server may get wrong of a file. */
export interface StatedFacts {
  /** @defaultValue the true length */
  readonly sizeBytes?: number;
  /** @defaultValue the true checksum */
  readonly checksum?: ChecksumInfo;
}

/** A file held in memory. */
export interface BytesFileSeed extends FileSeedBase {
  readonly bytes: Uint8Array;
}

/** A file of UTF-8 text. */
export interface TextFileSeed extends FileSeedBase {
  readonly text: string;
}

/** A file of the machine. It must not change while the simulator runs. */
export interface PathFileSeed extends FileSeedBase {
  readonly path: string | URL;
}

/** A made-up file of any size: the same seed and size give the same bytes, always and everywhere. */
export interface VirtualFileSeed extends FileSeedBase {
  readonly sizeBytes: number;
  /** @defaultValue the file's name */
  readonly seed?: string | number;
}
