import type {
  LibraryType,
  StorageBacking,
  SubscriptionInfo,
  Clock,
  ChecksumAlgorithm,
  ChecksumInfo,
} from "@carrel/core";
import type { Content } from "../content/content.ts";
import type { StatedFacts, FileSeed, ItemSeed, LibrarySeed } from "../model/seed.ts";
import { randomUUID } from "node:crypto";
import { notFound } from "../model/vapi-error.ts";
import { bufferContent, fileContent } from "../content/content.ts";
import { seededContent } from "../content/seeded-content.ts";
import { digestOf } from "../content/digest.ts";

/** A library in the simulator. */
export interface Library {
  readonly id: string;
  name: string;
  description: string;
  readonly type: LibraryType;
  readonly onDemand: boolean;
  readonly creationTime: Date;
  lastModifiedTime: Date;
  version: number;
  readonly storageBackings: readonly StorageBacking[];
  readonly subscriptionInfo: SubscriptionInfo | undefined;
  /** For a subscribed library: when its last synchronisation ends and the earlier one ended, by the simulator's clock. */
  sync: { readonly endsAt: number; readonly endTime: Date; readonly before: Date };
  readonly itemIds: Set<string>;
}

/** A library item in the simulator. */
export interface Item {
  readonly id: string;
  readonly libraryId: string;
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly creationTime: Date;
  lastModifiedTime: Date;
  lastSyncTime: Date | undefined;
  /** Increases with each change of the files. */
  contentVersion: number;
  metadataVersion: number;
  version: number;
  /** When the content is on disk, by the simulator's clock; undefined where it is not being fetched. */
  cachedAt: number | undefined;
  readonly sourceId: string | undefined;
  /** By name, in the order in which they were added. */
  readonly files: Map<string, ItemFile>;
  /** The last version of each file name, so that a file that is added again differs from the removed one. */
  readonly fileVersions: Map<string, number>;
}

/** A file of an item in the simulator. Replaced, never changed. */
export interface ItemFile {
  readonly name: string;
  readonly content: Content;
  /** Increases each time the file is replaced. */
  readonly version: number;
  readonly states: StatedFacts;
}

const defaultBackings: readonly StorageBacking[] = [{ type: "DATASTORE", datastore_id: "datastore-1" }];

/** Makes a file from its seed, without a version yet. */
export function fileOf(seed: FileSeed): Omit<ItemFile, "version"> {
  return { name: seed.name, content: contentOf(seed), states: seed.states ?? {} };
}

/** Libraries, items and files. */
export class LibraryStore {
  readonly libraries: Map<string, Library> = new Map();
  readonly items: Map<string, Item> = new Map();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  library(id: string): Library {
    const library = this.libraries.get(id);
    if (!library) throw notFound("library", id);
    return library;
  }

  item(id: string): Item {
    const item = this.items.get(id);
    if (!item) throw notFound("library item", id);
    return item;
  }

  addLibrary(seed: LibrarySeed, storageBackings: readonly StorageBacking[] = defaultBackings): Library {
    const now = this.#date();
    const type = seed.type ?? "LOCAL";
    const onDemand = seed.onDemand ?? false;
    const library: Library = {
      id: seed.id ?? randomUUID(),
      name: seed.name,
      description: seed.description ?? "",
      type,
      onDemand,
      creationTime: now,
      lastModifiedTime: now,
      version: 1,
      storageBackings,
      subscriptionInfo:
        type === "SUBSCRIBED"
          ? {
              authentication_method: "NONE",
              automatic_sync_enabled: false,
              on_demand: onDemand,
              subscription_url: "https://publisher.example.test/cls/vcsp/lib/lib.json",
            }
          : undefined,
      sync: { endsAt: this.#clock.now(), endTime: now, before: now },
      itemIds: new Set(),
    };
    this.libraries.set(library.id, library);
    for (const item of seed.items ?? []) this.addItem(library, item);
    return library;
  }

  addItem(library: Library, seed: ItemSeed): Item {
    const now = this.#date();
    const cached = seed.cached ?? !library.onDemand;
    const item: Item = {
      id: seed.id ?? randomUUID(),
      libraryId: library.id,
      name: seed.name,
      description: seed.description ?? "",
      type: seed.type ?? "",
      creationTime: now,
      lastModifiedTime: now,
      lastSyncTime: library.type === "SUBSCRIBED" ? now : undefined,
      contentVersion: 1,
      metadataVersion: 1,
      version: 1,
      cachedAt: cached ? this.#clock.now() : undefined,
      sourceId: library.type === "SUBSCRIBED" ? randomUUID() : undefined,
      files: new Map(),
      fileVersions: new Map(),
    };
    this.items.set(item.id, item);
    library.itemIds.add(item.id);
    for (const file of seed.files ?? []) putFile(item, fileOf(file));
    return item;
  }

  removeLibrary(library: Library): void {
    for (const id of library.itemIds) this.items.delete(id);
    this.libraries.delete(library.id);
  }

  removeItem(item: Item): void {
    this.items.delete(item.id);
    this.library(item.libraryId).itemIds.delete(item.id);
  }

  /** Adds, replaces and removes files, all in one new content version. */
  changeFiles(item: Item, put: readonly Omit<ItemFile, "version">[], remove: readonly string[] = []): void {
    for (const name of remove) item.files.delete(name);
    item.contentVersion += 1;
    item.lastModifiedTime = this.#date();
    for (const file of put) putFile(item, file);
  }

  /** Renames a file and keeps its position. */
  renameFile(item: Item, from: string, to: string): void {
    const files = [...item.files.values()].filter((file) => file.name !== to);
    item.files.clear();
    for (const file of files) {
      const name = file.name === from ? to : file.name;
      item.files.set(name, { ...file, name });
    }
  }

  setCached(item: Item, cached: boolean): void {
    item.cachedAt = cached ? this.#clock.now() : undefined;
  }

  isCached(item: Item): boolean {
    return item.cachedAt !== undefined && item.cachedAt <= this.#clock.now();
  }

  /** Starts a synchronisation of a subscribed library unless one is running. Fetches file content unless it is on demand. */
  synchronise(library: Library, durationMs: number): void {
    const now = this.#clock.now();
    if (library.sync.endsAt > now) return;
    const endTime = new Date(this.#clock.wall() + durationMs);
    library.sync = { endsAt: now + durationMs, endTime, before: library.sync.endTime };
    if (library.onDemand) return;
    for (const id of library.itemIds) this.item(id).cachedAt ??= now + durationMs;
  }

  /** When the last finished synchronisation ended. */
  lastSyncTime({ sync }: Library): Date {
    return sync.endsAt <= this.#clock.now() ? sync.endTime : sync.before;
  }

  #date(): Date {
    return new Date(this.#clock.wall());
  }
}

function putFile(item: Item, file: Omit<ItemFile, "version">): void {
  const version = (item.fileVersions.get(file.name) ?? 0) + 1;
  item.fileVersions.set(file.name, version);
  item.files.set(file.name, { ...file, version });
}

/** Makes the content of a file from its seed. */
function contentOf(seed: FileSeed): Content {
  if ("bytes" in seed) return bufferContent(seed.bytes);
  if ("text" in seed) return bufferContent(new TextEncoder().encode(seed.text));
  if ("path" in seed) return fileContent(seed.path);
  return seededContent(seed.seed ?? seed.name, seed.sizeBytes);
}

/** The checksum that the server states for a file: the true one, unless the seed has another. */
export async function checksumOf(file: ItemFile, algorithm: ChecksumAlgorithm): Promise<ChecksumInfo> {
  return file.states.checksum ?? { algorithm, checksum: await digestOf(file.content, algorithm) };
}
