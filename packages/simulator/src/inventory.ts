import type { ChecksumAlgorithm, LibraryType } from "@carrel/core";
import type { FileSeed, ItemSeed, LibrarySeed } from "./model/seed.ts";
import { digestOf } from "./content/digest.ts";
import type { Content } from "./content/content.ts";
import { checkFile, checkItem, checkLibrary } from "./input/check-inventory.ts";
import type { Item, ItemFile, Library, LibraryStore } from "./state/library-store.ts";
import { fileOf } from "./state/library-store.ts";

/** The content of a simulator, which tests fill, change and compare with. Every change takes effect at once. */
export interface Inventory {
  /** All libraries, in the order in which they were added. */
  readonly libraries: readonly InventoryLibrary[];
  /** Adds a library with its items. */
  addLibrary(seed: LibrarySeed): InventoryLibrary;
  /** Returns the library with that identifier or name. Throws where there is none. */
  library(idOrName: string): InventoryLibrary;
  /** Returns the item with that identifier or path, `LIBRARY/ITEM`. Throws where there is none. */
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
  /** Returns the item with that identifier or name. Throws where there is none. */
  item(idOrName: string): InventoryItem;
  /** Removes the library with its items. */
  remove(): void;
}

/** An item of the simulator. */
export interface InventoryItem {
  readonly id: string;
  readonly libraryId: string;
  readonly name: string;
  /** Increases with each change of the files. */
  readonly contentVersion: string;
  readonly cached: boolean;
  readonly files: readonly InventoryFile[];
  /** Returns the file of that name. Throws where there is none. */
  file(name: string): InventoryFile;
  /** Adds a file, or replaces the one of that name: a new content version. */
  putFile(seed: FileSeed): InventoryFile;
  /** Removes a file: a new content version. */
  removeFile(name: string): void;
  /** Removes the content from the disk of the server, or puts it there without a synchronisation. */
  setCached(cached: boolean): void;
  /** Removes the item. */
  remove(): void;
}

/** A file of the simulator. */
export interface InventoryFile {
  readonly name: string;
  /** The true size, whatever the server states. */
  readonly sizeBytes: number;
  /** Computes the true SHA-256, as lower-case hexadecimal. */
  sha256(): Promise<string>;
  /** Computes the true digest, as lower-case hexadecimal. */
  digest(algorithm: ChecksumAlgorithm): Promise<string>;
  /**
   * Returns a copy of the bytes from `start` (included) to `end` (excluded).
   * @param start - Default: 0.
   * @param end - Default: the size of the file.
   */
  bytes(start?: number, end?: number): Promise<Uint8Array>;
}

/** Makes the view of the store that tests work with. */
export function createInventory(store: LibraryStore): Inventory {
  const libraries = (): InventoryLibrary[] => [...store.libraries.values()].map((each) => libraryView(store, each));
  return {
    get libraries() {
      return libraries();
    },
    addLibrary(seed) {
      checkLibrary(seed, "library");
      return libraryView(store, store.addLibrary(seed));
    },
    library: (idOrName) => pick("library", libraries(), idOrName),
    item(idOrPath) {
      const item = store.items.get(idOrPath);
      if (item) return itemView(store, item);
      const slash = idOrPath.indexOf("/");
      if (slash < 0) throw new Error(`Cannot find the item "${idOrPath}" in the simulator`);
      return this.library(idOrPath.slice(0, slash)).item(idOrPath.slice(slash + 1));
    },
  };
}

function libraryView(store: LibraryStore, library: Library): InventoryLibrary {
  const items = (): InventoryItem[] => [...library.itemIds].map((id) => itemView(store, store.item(id)));
  return {
    id: library.id,
    type: library.type,
    get name() {
      return library.name;
    },
    get items() {
      return items();
    },
    addItem(seed) {
      checkItem(seed, "item");
      return itemView(store, store.addItem(library, seed));
    },
    item: (idOrName) => pick(`item of the library "${library.name}"`, items(), idOrName),
    remove: () => store.removeLibrary(library),
  };
}

function itemView(store: LibraryStore, item: Item): InventoryItem {
  const view: InventoryItem = {
    id: item.id,
    libraryId: item.libraryId,
    name: item.name,
    get contentVersion() {
      return String(item.contentVersion);
    },
    get cached() {
      return store.isCached(item);
    },
    get files() {
      return [...item.files.values()].map(fileView);
    },
    file(name) {
      const file = item.files.get(name);
      if (!file) throw new Error(`Cannot find the file "${name}" in the item "${item.name}" of the simulator`);
      return fileView(file);
    },
    putFile(seed) {
      checkFile(seed, "file");
      store.changeFiles(item, [fileOf(seed)]);
      return view.file(seed.name);
    },
    removeFile(name) {
      view.file(name);
      store.changeFiles(item, [], [name]);
    },
    setCached: (cached) => store.setCached(item, cached),
    remove: () => store.removeItem(item),
  };
  return view;
}

function fileView(file: ItemFile): InventoryFile {
  const { name, content } = file;
  return {
    name,
    sizeBytes: content.sizeBytes,
    sha256: () => digestOf(content, "SHA256"),
    digest: (algorithm) => digestOf(content, algorithm),
    bytes: (start = 0, end = content.sizeBytes) => copy(content, start, Math.min(end, content.sizeBytes)),
  };
}

async function copy(content: Content, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(end - start, 0));
  let at = 0;
  for await (const chunk of content.read(start, end)) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function pick<T extends { readonly id: string; readonly name: string }>(
  what: string,
  all: readonly T[],
  idOrName: string,
): T {
  const found = all.find((each) => each.id === idOrName) ?? all.find((each) => each.name === idOrName);
  if (found) return found;
  const names = all.map((each) => `"${each.name}"`).join(", ");
  throw new Error(`Cannot find the ${what} "${idOrName}" in the simulator: there is ${names || "none"}`);
}
