import type { CarrelClient, ItemFileInfo, LibraryModel } from "@carrel/core";
import { defined, isNotFound } from "@carrel/core/kit";
import { matchesName } from "@carrel/node-stream/fs";
import { concurrentCalls, concurrently } from "../../concurrently.ts";
import { existing } from "../../names/existing.ts";
import type { KnownItem } from "../../names/existing.ts";
import { isGlob } from "../../names/parse-target.ts";
import type { PathPattern } from "../../names/parse-target.ts";
import { resolveItem } from "../../names/resolve-name.ts";
import type { Resolved } from "../../names/resolve-name.ts";
import { selectLibraries } from "../../names/select-libraries.ts";
import type { Count } from "../../output/status.ts";
import { printable } from "../../output/printable.ts";
import { notFoundError } from "../../process/cli-error.ts";
import { fileEntry, itemEntry, libraryEntry } from "./entry.ts";
import type { Entry, Place } from "./entry.ts";

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

/** Libraries that are asked about at once, where each of them has calls of its own for its items. */
const librariesAhead = 4;

interface FoundLibrary {
  readonly model: LibraryModel & { readonly id: string };
  /** Absent where they were not asked for. */
  readonly itemIds: readonly string[] | undefined;
}

/** The kind of what a pattern lists first; with recursion there is more. */
export function entryKindOf({ library, item, file }: PathPattern, isSelf: boolean): Entry["type"] {
  if (file !== undefined) return "file";
  if (item !== undefined) return isSelf || isGlob(item) ? "item" : "file";
  return library === undefined || isSelf || isGlob(library) ? "library" : "item";
}

/** Lists what patterns name, as it becomes known. */
export class Lister {
  readonly #client: CarrelClient;
  readonly #settings: ListSettings;
  readonly #signal: AbortSignal;
  readonly #count: Count;

  constructor(
    client: CarrelClient,
    settings: ListSettings,
    { signal, count }: { readonly signal: AbortSignal; readonly count: Count },
  ) {
    this.#client = client;
    this.#settings = settings;
    this.#signal = signal;
    this.#count = count;
  }

  /** Costs one call, and one or two for each library; or one or two for each name, and one for each item or item's files. */
  async *list(pattern: PathPattern): AsyncGenerator<Entry> {
    const { library, item } = pattern;
    if (library === undefined) {
      yield* this.#libraries(await this.#client.library.list({ signal: this.#signal }));
      return;
    }
    const libraries = await selectLibraries(this.#client, library, this.#signal);
    if (item !== undefined) {
      yield* this.#inLibraries(libraries, { ...pattern, item, library });
    } else if (entryKindOf(pattern, this.#settings.isSelf) === "library") {
      yield* this.#libraries(libraries.map(({ id }) => id));
    } else {
      for (const each of libraries) yield* this.#items(each);
    }
  }

  async *#libraries(ids: readonly string[]): AsyncGenerator<Entry> {
    const { counts, sizes, isRecursive } = this.#settings;
    const options = { signal: this.#signal };
    const find = async (id: string): Promise<FoundLibrary | undefined> => {
      const [model, itemIds] = await Promise.all([
        this.#client.library.get(id, options),
        counts || sizes ? this.#client.item.list({ library_id: id }, options) : undefined,
      ]);
      return { model: { ...model, id }, itemIds };
    };
    // Gone since it was listed.
    const findIfThere = async (id: string): Promise<FoundLibrary | undefined> => {
      try {
        return await find(id);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    };
    for await (const found of concurrently(ids, sizes ? librariesAhead : concurrentCalls, findIfThere)) {
      if (found === undefined) continue;
      const { model, itemIds } = found;
      // One library after the other, so that no more calls than usual are in flight.
      const storageBytes = sizes && itemIds !== undefined ? await this.#sizeOf(itemIds) : undefined;
      const entry = libraryEntry(model, defined({ itemCount: itemIds?.length, storageBytes }));
      yield entry;
      if (isRecursive) yield* this.#items({ id: entry.libraryId, name: entry.library });
    }
  }

  /** `undefined` where the server does not report it of every item, or has none of the content. */
  async #sizeOf(itemIds: readonly string[]): Promise<number | undefined> {
    let [storageBytes, isKnown] = [0, itemIds.length === 0];
    for await (const { size, cached } of existing(itemIds, (id) => this.#item(id), this.#count)) {
      // What is not on the server's disk uses nothing there.
      if (cached === false) continue;
      isKnown = true;
      storageBytes += size ?? Number.NaN;
    }
    return isKnown && !Number.isNaN(storageBytes) ? storageBytes : undefined;
  }

  async #item(id: string): Promise<KnownItem> {
    return { ...(await this.#client.item.get(id, { signal: this.#signal })), id };
  }

  async *#items(library: Resolved, glob = "*"): AsyncGenerator<Entry, void, void> {
    const spec = { library_id: library.id };
    const { type, isRecursive } = this.#settings;
    const options = { signal: this.#signal };
    const ids = await (type === undefined
      ? this.#client.item.list(spec, options)
      : this.#client.item.find({ ...spec, type }, options));
    const get = async (id: string): Promise<readonly Entry[]> => {
      const [item, files] = await Promise.all([
        this.#item(id),
        isRecursive ? this.#client.item.file.list(id, options) : [],
      ]);
      if (glob !== "*" && !matchesName(item.name ?? "", glob)) return [];
      const entry = itemEntry(item, library);
      return [entry, ...files.map((file) => fileEntry(file, { item: { id, name: entry.item ?? id }, library }))];
    };
    for await (const entries of existing(ids, get, this.#count)) yield* entries;
  }

  async *#inLibraries(
    libraries: readonly Resolved[],
    pattern: PathPattern & { readonly library: string; readonly item: string },
  ): AsyncGenerator<Entry> {
    const { item: wanted, file } = pattern;
    let found = 0;
    for (const library of libraries) {
      for await (const entry of this.#inLibrary(library, pattern, libraries.length > 1)) {
        found += 1;
        yield entry;
      }
    }
    // An item that was named and has no files has nothing to list.
    if (found > 0 || (file === undefined && !isGlob(wanted) && libraries.length === 1)) return;
    const where = `library "${printable(pattern.library)}"`;
    if (file === undefined) throw notFoundError(`No item of ${where} matches "${wanted}"`, hintFor(pattern.library));
    throw notFoundError(
      `No file of "${printable(wanted)}" in ${where} matches "${file}"`,
      hintFor(`${pattern.library}/${wanted}`),
    );
  }

  /** @param mayLack - The item need not be in this library, because it may be in another one. */
  async *#inLibrary(
    library: Resolved,
    { item: wanted, file }: PathPattern & { readonly item: string },
    mayLack: boolean,
  ): AsyncGenerator<Entry> {
    const options = { signal: this.#signal };
    const named = async (): Promise<boolean> =>
      (await this.#client.item.find({ name: wanted, library_id: library.id }, options)).length > 0;
    const byGlob = isGlob(wanted) && !(await named());
    if (byGlob) {
      const items = this.#items(library, wanted);
      if (file === undefined) yield* items;
      else yield* this.#filesOfAll(items, file);
      return;
    }
    if (mayLack && !(await named())) return;
    const item = await resolveItem(this.#client, library, wanted, options);
    if (file === undefined && (this.#settings.isSelf || isGlob(wanted))) {
      yield itemEntry(await this.#item(item.id), library);
      if (!this.#settings.isRecursive) return;
    }
    yield* this.#files({ item, library }, file);
  }

  async *#filesOfAll(items: AsyncIterable<Entry>, glob: string): AsyncGenerator<Entry> {
    const places: Place[] = [];
    for await (const { type, item = "", itemId = "", library, libraryId } of items) {
      if (type === "item") places.push({ item: { id: itemId, name: item }, library: { id: libraryId, name: library } });
    }
    const list = async (place: Place): Promise<readonly Entry[]> => {
      const entries: Entry[] = [];
      for await (const entry of this.#files(place, glob)) entries.push(entry);
      return entries;
    };
    for await (const entries of concurrently(places, concurrentCalls, list)) yield* entries;
  }

  async *#files(place: Place, glob: string | undefined): AsyncGenerator<Entry> {
    const files = await this.#client.item.file.list(place.item.id, { signal: this.#signal });
    const isWanted = ({ name }: ItemFileInfo): boolean => glob === undefined || matchesName(name, glob);
    for (const file of files.filter(isWanted)) yield fileEntry(file, place);
  }
}

function hintFor(path: string): string {
  return isGlob(path) ? "List what exists: carrel ls" : `List what exists: carrel ls "${printable(path)}"`;
}
