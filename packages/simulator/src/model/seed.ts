import type { ChecksumInfo, LibraryType } from "@carrel/core";

/** A library and its initial content. */
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
   * Whether a SUBSCRIBED library fetches file content on demand. Its items are then uncached at first.
   * @defaultValue false
   */
  readonly onDemand?: boolean;
  /** @defaultValue no items */
  readonly items?: readonly ItemSeed[];
}

/** A library item and its initial files. */
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
   * Type of the item, such as `iso` or `ovf`.
   * @defaultValue ""
   */
  readonly type?: string;
  /**
   * Whether the content is on the disk of the server. An uncached item must be synchronised before it can be downloaded.
   * @defaultValue true; false in an on-demand library
   */
  readonly cached?: boolean;
  /** @defaultValue no files */
  readonly files?: readonly FileSeed[];
}

/** A file with its content, from one of several sources. The name may be as hostile as a test needs. */
export type FileSeed = BytesFileSeed | TextFileSeed | PathFileSeed | VirtualFileSeed;

interface FileSeedBase {
  readonly name: string;
  /**
   * What the server states about the file in place of the truth, to test the checks of a client.
   * @defaultValue the truth
   */
  readonly states?: StatedFacts;
}

/** Facts about a file that a server may state wrongly. */
export interface StatedFacts {
  /** @defaultValue the true length */
  readonly sizeBytes?: number;
  /** @defaultValue the true checksum */
  readonly checksum?: ChecksumInfo;
}

/** A file in memory. */
export interface BytesFileSeed extends FileSeedBase {
  readonly bytes: Uint8Array;
}

/** A file of UTF-8 text. */
export interface TextFileSeed extends FileSeedBase {
  readonly text: string;
}

/** A file on disk. It must not change while the simulator runs. */
export interface PathFileSeed extends FileSeedBase {
  readonly path: string | URL;
}

/** A generated file of any size: the same seed and size always give the same bytes. */
export interface VirtualFileSeed extends FileSeedBase {
  readonly sizeBytes: number;
  /** @defaultValue the file's name */
  readonly seed?: string | number;
}
