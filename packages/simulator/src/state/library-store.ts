import { randomUUID } from "node:crypto";
import type { Clock } from "@carrel/core";
import { contentOf } from "../content/content-of.ts";
import type { Content } from "../content/content.ts";
import type { FileSeed, ItemSeed, LibrarySeed, StatedFacts } from "../inventory/seed.ts";
import type { Item, Library } from "./library.ts";
import { notFound } from "./vapi-error.ts";

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

  addLibrary(seed: LibrarySeed): Library {
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
      storageBackings: [{ type: "DATASTORE", datastore_id: "datastore-1" }],
      subscriptionInfo:
        type === "SUBSCRIBED"
          ? {
              authentication_method: "NONE",
              automatic_sync_enabled: false,
              on_demand: onDemand,
              subscription_url: "https://publisher.example.test/cls/vcsp/lib/lib.json",
            }
          : undefined,
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
    };
    this.items.set(item.id, item);
    library.itemIds.add(item.id);
    library.version += 1;
    for (const file of seed.files ?? []) this.#setFile(item, file.name, contentOf(file), file.states ?? {}, 1);
    return item;
  }

  removeLibrary(library: Library): void {
    for (const id of library.itemIds) this.items.delete(id);
    this.libraries.delete(library.id);
  }

  removeItem(item: Item): void {
    this.items.delete(item.id);
    const library = this.library(item.libraryId);
    library.itemIds.delete(item.id);
    library.version += 1;
  }

  /** Adds and replaces files, takes others away: one new content version in all. */
  changeFiles(item: Item, put: readonly FileSeed[], remove: readonly string[] = []): void {
    this.replaceFiles(
      item,
      put.map((seed) => ({ name: seed.name, content: contentOf(seed), states: seed.states ?? {} })),
      remove,
    );
  }

  replaceFiles(
    item: Item,
    put: readonly { readonly name: string; readonly content: Content; readonly states: StatedFacts }[],
    remove: readonly string[],
  ): void {
    for (const name of remove) item.files.delete(name);
    item.contentVersion += 1;
    item.version += 1;
    item.lastModifiedTime = this.#date();
    for (const { name, content, states } of put) this.#setFile(item, name, content, states, item.contentVersion);
  }

  setCached(item: Item, cached: boolean): void {
    item.cachedAt = cached ? this.#clock.now() : undefined;
  }

  isCached(item: Item): boolean {
    return item.cachedAt !== undefined && item.cachedAt <= this.#clock.now();
  }

  #setFile(item: Item, name: string, content: Content, states: StatedFacts, version: number): void {
    item.files.set(name, { name, content, version, states });
  }

  #date(): Date {
    return new Date(this.#clock.wall());
  }
}
