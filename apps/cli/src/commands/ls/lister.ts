import type { ItemFileInfo, LibraryModel } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { matchesName } from "@carrel/node-stream/fs";
import type { OvaMember } from "@carrel/node-stream/ovf";
import { collect, concurrentCalls, concurrently } from "../../concurrently.ts";
import { Catalog } from "../../names/catalog.ts";
import type { FoundItem } from "../../names/catalog.ts";
import type { CatalogClient } from "../../names/catalog-client.ts";
import { existing, readItems } from "../../names/existing.ts";
import type { KnownItem, ReadItem } from "../../names/existing.ts";
import { isArchiveName, isGlob, isItemPattern, pathIn } from "../../names/parse-target.ts";
import type { ItemPattern, LibraryPattern, PathPattern } from "../../names/parse-target.ts";
import type { Resolved } from "../../names/resolve-name.ts";
import type { Count } from "../../output/status.ts";
import { printable } from "../../output/printable.ts";
import { notFoundError } from "../../process/cli-error.ts";
import { fileEntry, itemEntry, libraryEntry, memberEntry } from "../../names/entry.ts";
import type { Entry, Place } from "../../names/entry.ts";

/** What is listed, and how much is asked about it. */
export interface ListSettings {
  /** What a name names, in place of what is in it. */
  readonly isSelf: boolean;
  /** Also all that is below. */
  readonly isRecursive: boolean;
  /** Only items of this type, in any case. */
  readonly type: string | undefined;
  /** How many items a library has: costs a call for each library. */
  readonly counts: boolean;
  /** What the items of a library use on storage: costs a call for each item. No server reports a sum. */
  readonly sizes: boolean;
}

/** Lists what is in an archive, at the cost of a download session. */
export type ListMembers = (file: ItemFileInfo, place: Place) => Promise<readonly OvaMember[]>;

/** What a {@link Lister} needs besides a client. */
export interface ListerOptions {
  readonly signal: AbortSignal;
  readonly count: Count;
  readonly listMembers: ListMembers;
}

/** Libraries that are asked about at once, where each of them has calls of its own for its items. */
const librariesAhead = 4;
/** Items whose archives are read at once. */
const archivesAhead = 4;

interface FoundLibrary {
  readonly model: LibraryModel & { readonly id: string };
  /** Absent where they were not asked for. */
  readonly itemIds: readonly string[] | undefined;
}

/** The kind of what a pattern lists first; with recursion there is more. */
export function entryKindOf({ library, item, file, member }: PathPattern, isSelf: boolean): Entry["type"] {
  if (member !== undefined || (file !== undefined && !isSelf && isArchiveName(file) && !isGlob(file))) return "member";
  if (file !== undefined) return "file";
  if (item !== undefined) return isSelf || isGlob(item) ? "item" : "file";
  return library === undefined || isSelf || isGlob(library) ? "library" : "item";
}

/** Lists what patterns name, as it becomes known. */
export class Lister {
  readonly #client: CatalogClient;
  readonly #settings: ListSettings;
  readonly #signal: AbortSignal;
  readonly #count: Count;
  readonly #catalog: Catalog;
  readonly #listMembers: ListMembers;

  constructor(client: CatalogClient, settings: ListSettings, { signal, count, listMembers }: ListerOptions) {
    this.#client = client;
    this.#settings = settings;
    this.#signal = signal;
    this.#count = count;
    this.#listMembers = listMembers;
    this.#catalog = new Catalog(client, { signal, count });
  }

  /** Costs one call, and one or two for each library; or one or two for each name, and one for each item or item's files. */
  async *list(pattern: PathPattern): AsyncGenerator<Entry> {
    const { library } = pattern;
    if (library === undefined) {
      yield* this.#libraries(await this.#client.library.list({ signal: this.#signal }));
      return;
    }
    if (isItemPattern(pattern)) {
      yield* entryKindOf(pattern, this.#settings.isSelf) === "member"
        ? this.#membersNamed(pattern)
        : this.#itemsNamed(pattern);
      return;
    }
    const libraries = await this.#catalog.libraries(library);
    if (entryKindOf(pattern, this.#settings.isSelf) === "library") {
      yield* this.#libraries(libraries.map(({ id }) => id));
    } else {
      for (const each of libraries) yield* this.#items(each);
    }
  }

  async *#libraries(ids: readonly string[]): AsyncGenerator<Entry> {
    const { counts, sizes, isRecursive } = this.#settings;
    const options = { signal: this.#signal };
    const find = async (id: string): Promise<FoundLibrary> => {
      const [model, itemIds] = await Promise.all([
        this.#client.library.get(id, options),
        counts || sizes ? this.#client.item.list({ library_id: id }, options) : undefined,
      ]);
      return { model: { ...model, id }, itemIds };
    };
    const limit = sizes ? librariesAhead : concurrentCalls;
    for await (const found of existing(ids, find, { limit })) {
      const { model, itemIds } = found;
      // One library after the other, so that no more calls than usual are in flight.
      const sizeBytes = sizes && itemIds !== undefined ? await this.#sizeOf(itemIds) : undefined;
      const counted = defined({ itemCount: itemIds?.length, sizeBytes });
      const { address } = this.#client;
      const entry = libraryEntry(model, counted, address);
      yield entry;
      if (isRecursive) yield* this.#items({ id: entry.libraryId, name: entry.library, ...defined({ address }) });
    }
  }

  /** `undefined` where the server does not report it of every item, or has none of the content. */
  async #sizeOf(itemIds: readonly string[]): Promise<number | undefined> {
    let [sizeBytes, isKnown] = [0, itemIds.length === 0];
    const options = { signal: this.#signal, count: this.#count };
    for await (const { item } of readItems(this.#client, itemIds, options)) {
      // What is not on the server's disk uses nothing there.
      if (item.cached === false) continue;
      isKnown = true;
      sizeBytes += item.size ?? Number.NaN;
    }
    return isKnown && !Number.isNaN(sizeBytes) ? sizeBytes : undefined;
  }

  async *#items(library: Resolved): AsyncGenerator<Entry, void, void> {
    const { type, isRecursive } = this.#settings;
    for await (const read of this.#catalog.itemsIn(library, { type, files: isRecursive })) {
      yield* entriesOf(read, library);
    }
  }

  async *#itemsNamed(pattern: ItemPattern): AsyncGenerator<Entry> {
    const { isSelf, isRecursive, type } = this.#settings;
    const { file } = pattern;
    const named: FoundItem[] = [];
    let count = 0;
    for await (const found of this.#catalog.items(pattern, { type, files: isRecursive && file === undefined })) {
      if (file === undefined && found.read !== undefined) yield* entriesOf(found.read, found.library);
      else named.push(found);
    }
    const list = async (item: FoundItem): Promise<readonly Entry[]> => {
      const place = { item, library: item.library };
      const isListed = file === undefined && (isSelf || isGlob(pattern.item));
      const own = isListed ? [itemEntry(await this.#item(item.id), item.library)] : [];
      return isListed && !isRecursive ? own : [...own, ...(await this.#files(place, file))];
    };
    for await (const entries of concurrently(named, concurrentCalls, list)) {
      count += entries.length;
      yield* entries;
    }
    if (file !== undefined && count === 0) throw this.#noFile(pattern, file, named);
  }

  /** Files in archives. Where none is named, an archive may have none. */
  async *#membersNamed({ file = "", member, ...pattern }: ItemPattern): AsyncGenerator<Entry> {
    const found = await collect(this.#catalog.items(pattern));
    let [archives, count] = [0, 0];
    const list = async (item: FoundItem): Promise<readonly Entry[]> => {
      const place = { item, library: item.library };
      const entries: Entry[] = [];
      for (const each of await this.#matching(item.id, file)) {
        if (!isArchiveName(each.name)) continue;
        archives += 1;
        const members = await this.#listMembers(each, place);
        const wanted = members.filter(({ name }) => member === undefined || matchesName(name, member));
        entries.push(...wanted.map((one) => memberEntry(one, each.name, place)));
      }
      return entries;
    };
    for await (const entries of concurrently(found, archivesAhead, list)) {
      count += entries.length;
      yield* entries;
    }
    if (archives === 0) throw this.#noFile(pattern, file, found);
    if (member === undefined || count > 0) return;
    const path = this.#pathOf(pattern, [pattern.item, file]);
    throw notFoundError(`No file in "${printable(path)}" matches "${printable(member)}"`, hintFor(path));
  }

  #noFile({ item, ...pattern }: ItemPattern, file: string, found: readonly FoundItem[]): Error {
    const library = (this.#client.address === undefined ? undefined : found[0]?.library.name) ?? pattern.library;
    return notFoundError(
      `No file of "${printable(item)}" in library "${printable(library)}" matches "${printable(file)}"`,
      hintFor(this.#pathOf(pattern, [item])),
    );
  }

  /** As it was written, or with the address of the published library. */
  #pathOf({ library }: LibraryPattern, names: readonly string[]): string {
    return pathIn({ name: library, address: this.#client.address }, names);
  }

  async #item(id: string): Promise<KnownItem> {
    return { ...(await this.#client.item.get(id, { signal: this.#signal })), id };
  }

  async #files(place: Place, glob: string | undefined): Promise<readonly Entry[]> {
    return (await this.#matching(place.item.id, glob)).map((file) => fileEntry(file, place));
  }

  async #matching(itemId: string, glob: string | undefined): Promise<readonly ItemFileInfo[]> {
    const files = await this.#client.item.file.list(itemId, { signal: this.#signal });
    return files.filter(({ name }) => glob === undefined || matchesName(name, glob));
  }
}

function entriesOf({ item, files }: ReadItem, library: Resolved): readonly Entry[] {
  const { id, name = id } = item;
  return [itemEntry(item, library), ...files.map((file) => fileEntry(file, { item: { id, name }, library }))];
}

function hintFor(path: string): string {
  return isGlob(path) ? "List what exists: carrel ls" : `List what exists: carrel ls "${printable(path)}"`;
}
