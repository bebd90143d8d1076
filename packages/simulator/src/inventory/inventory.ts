import type { ChecksumAlgorithm, LibraryType } from "@carrel/core";
import type { FileSeed, ItemSeed, LibrarySeed } from "../model/seed.ts";

/** What the simulator holds, for tests to fill, change and compare with. All of it takes effect at once. */
export interface Inventory {
  /** All libraries, in the order in which they were added. */
  readonly libraries: readonly InventoryLibrary[];
  /** Adds a library with its items. */
  addLibrary(seed: LibrarySeed): InventoryLibrary;
  /** The library with that identifier or name. Throws where there is none. */
  library(idOrName: string): InventoryLibrary;
  /** The item with that identifier, or of that path `LIBRARY/ITEM`. Throws where there is none. */
  item(idOrPath: string): InventoryItem;
}

/** A library of the simulator. */
export interface InventoryLibrary {
  readonly id: string;
  readonly name: string;
  readonly type: LibraryType;
  readonly items: readonly InventoryItem[];
  /** Adds an item with its files. */
  addItem(seed: ItemSeed): InventoryItem;
  /** The item with that identifier or name. Throws where there is none. */
  item(idOrName: string): InventoryItem;
  /** Takes the library away, with all it holds. */
  remove(): void;
}

/** An item of the simulator. */
export interface InventoryItem {
  readonly id: string;
  readonly libraryId: string;
  readonly name: string;
  /** Grows with each change of the files. */
  readonly contentVersion: string;
  readonly cached: boolean;
  readonly files: readonly InventoryFile[];
  /** The file of that name. Throws where there is none. */
  file(name: string): InventoryFile;
  /** Adds a file, or replaces the one of that name: a new content version. */
  putFile(seed: FileSeed): InventoryFile;
  /** Takes a file away: a new content version. */
  removeFile(name: string): void;
  /** Takes the content off the disk, or puts it there without a synchronisation. */
  setCached(cached: boolean): void;
  /** Takes the item away. */
  remove(): void;
}

/** A file of the simulator. */
export interface InventoryFile {
  readonly name: string;
  /** The true length, whatever the server states. */
  readonly sizeBytes: number;
  /** The true digest as lower-case hexadecimal. */
  sha256(): Promise<string>;
  /** The true digest by another algorithm, as lower-case hexadecimal. */
  digest(algorithm: ChecksumAlgorithm): Promise<string>;
  /**
   * A copy of the bytes from `start` (included) to `end` (excluded).
   * @param start default 0
   * @param end default the file's length
   */
  bytes(start?: number, end?: number): Promise<Uint8Array>;
}
