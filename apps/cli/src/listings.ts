import { CarrelError } from "@carrel/core";
import type { CarrelClient, ItemFileInfo, ItemModel, LibraryModel } from "@carrel/core";
import { mapInOrder } from "./map-in-order.ts";
import type { Column } from "./output/listing.ts";
import { formatBytes } from "./output/format.ts";
import type { Listing } from "./output/write-listing.ts";

/** What a listing shows. */
export interface ListingOptions {
  /** Ids too, and what takes a call for each item. */
  readonly long: boolean;
  readonly signal: AbortSignal;
}

/** A library with what it holds. */
export interface LibraryEntry extends LibraryModel {
  readonly item_count: number;
  /** Bytes that its items use on storage. Only in a long listing. */
  readonly items_size?: number;
}

const AT_ONCE = 16;
const idColumn: Column = { title: "ID", width: 36 };

/** All libraries. Costs one call, two more for each library, and in a long listing one for each item. */
export function listLibraries(client: CarrelClient, { long, signal }: ListingOptions): Listing<LibraryEntry> {
  const describe = async (id: string): Promise<LibraryEntry | undefined> => {
    const [model, items] = await Promise.all([
      client.library.get(id, { signal }),
      client.item.list({ library_id: id }, { signal }),
    ]);
    const entry = { id, ...model, item_count: items.length };
    if (!long) return entry;
    let size = 0;
    for await (const item of existing(items, (itemId) => client.item.get(itemId, { signal }))) size += item.size ?? 0;
    return { ...entry, items_size: size };
  };
  return {
    columns: [
      ...(long ? [idColumn] : []),
      { title: "TYPE", width: 10 },
      { title: "ITEMS", width: 6, align: "right" },
      ...(long ? [{ title: "SIZE", width: 10, align: "right" } as const] : []),
      { title: "NAME", width: 20 },
    ],
    none: "No library is visible to this user.",
    entries: listed(() => client.library.list({ signal }), describe),
    cells: (entry) => [
      ...(long ? [entry.id ?? ""] : []),
      (entry.type ?? "").toLowerCase(),
      String(entry.item_count),
      ...(long ? [formatBytes(entry.items_size ?? 0)] : []),
      entry.name ?? "",
    ],
  };
}

/** The items of a library. Costs one call, and one more for each item. */
export function listItems(client: CarrelClient, libraryId: string, options: ListingOptions): Listing<ItemModel> {
  const { long, signal } = options;
  return {
    columns: [
      ...(long ? [idColumn] : []),
      { title: "TYPE", width: 11 },
      { title: "SIZE", width: 10, align: "right" },
      { title: "VERSION", width: 7, align: "right" },
      { title: "CACHED", width: 6 },
      { title: "NAME", width: 20 },
    ],
    none: "The library has no items.",
    entries: listed(
      () => client.item.list({ library_id: libraryId }, { signal }),
      async (id) => ({ id, ...(await client.item.get(id, { signal })) }),
    ),
    cells: (item) => [
      ...(long ? [item.id ?? ""] : []),
      item.type ?? "",
      // The size of what is not on disk is told as 0.
      item.cached === false ? "-" : formatBytes(item.size ?? 0),
      item.content_version ?? item.version ?? "",
      item.cached === undefined ? "" : yesNo(item.cached),
      item.name ?? "",
    ],
  };
}

/** The files of an item. Costs one call. */
export function listFiles(
  client: CarrelClient,
  itemId: string,
  { long, signal }: ListingOptions,
): Listing<ItemFileInfo> {
  const list = async function* list(): AsyncGenerator<ItemFileInfo> {
    yield* await client.item.file.list(itemId, { signal });
  };
  return {
    columns: [
      { title: "SIZE", width: 10, align: "right" },
      { title: "VERSION", width: 7, align: "right" },
      { title: "CACHED", width: 6 },
      { title: "CHECKSUM", width: long ? 71 : 8 },
      { title: "NAME", width: 20 },
    ],
    none: "The item has no files.",
    entries: list(),
    cells: (file) => [
      file.cached ? formatBytes(file.size) : "-",
      file.version,
      yesNo(file.cached),
      describeChecksum(file, long),
      file.name,
    ],
  };
}

async function* listed<T>(
  list: () => Promise<readonly string[]>,
  describe: (id: string) => Promise<T | undefined>,
): AsyncGenerator<T> {
  yield* existing(await list(), describe);
}

/** Gets things by their ids, in order, several at once. What is gone since it was listed is left out. */
export async function* existing<T>(
  ids: readonly string[],
  get: (id: string) => Promise<T | undefined>,
): AsyncGenerator<T> {
  const getOne = async (id: string): Promise<T | undefined> => {
    try {
      return await get(id);
    } catch (error) {
      if (error instanceof CarrelError && error.code === "NOT_FOUND") return undefined;
      throw error;
    }
  };
  for await (const entry of mapInOrder(ids, AT_ONCE, getOne)) if (entry !== undefined) yield entry;
}

function describeChecksum({ checksum_info: info }: ItemFileInfo, long: boolean): string {
  if (!info) return "-";
  const algorithm = info.algorithm ?? "SHA1";
  return long ? `${algorithm}:${info.checksum}` : algorithm;
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
