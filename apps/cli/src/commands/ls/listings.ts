import type { CarrelClient, ItemFileInfo, ItemModel, LibraryModel } from "@carrel/core";
import { eachItem, existing } from "../../names/existing.ts";
import { Count } from "../../output/status.ts";
import { formatBytes } from "../../output/format.ts";
import type { Column, Listing } from "../../output/listing.ts";
import { concurrently } from "../../concurrently.ts";

/** Options of a listing. */
export interface ListingOptions {
  /** Also shows ids, and digests of files. */
  readonly long: boolean;
  readonly signal: AbortSignal;
}

const idColumn: Column = { title: "ID", width: 36 };

/** A library with what it holds. */
export interface LibraryEntry extends LibraryModel {
  readonly itemCount: number;
  /** Bytes that its items use on storage; absent where the server does not report that of every item. */
  readonly sizeBytes?: number;
}

interface Found {
  readonly model: LibraryModel & { readonly id: string };
  readonly itemIds: readonly string[];
}

/** Libraries whose items are listed while those of others are added up, besides which there are calls for these. */
const librariesAhead = 4;

/** Lists all libraries. Costs one call, two more for each library, and one for each item: no server reports a sum. */
export function listLibraries(client: CarrelClient, { long, signal }: ListingOptions): Listing<LibraryEntry> {
  const count = new Count("item");
  const find = async (id: string): Promise<Found | undefined> => {
    const found = existing([id], async () => {
      const [model, itemIds] = await Promise.all([
        client.library.get(id, { signal }),
        client.item.list({ library_id: id }, { signal }),
      ]);
      return { model: { ...model, id }, itemIds };
    });
    return (await found.next()).value as Found | undefined;
  };
  const list = async function* list(): AsyncGenerator<LibraryEntry> {
    for await (const found of concurrently(await client.library.list({ signal }), librariesAhead, find)) {
      // Gone since it was listed.
      if (found === undefined) continue;
      const { model, itemIds } = found;
      let size = 0;
      for await (const item of existing(itemIds, (id) => client.item.get(id, { signal }), count)) {
        size += item.size ?? Number.NaN;
      }
      const entry = { ...model, itemCount: itemIds.length };
      yield Number.isNaN(size) ? entry : { ...entry, sizeBytes: size };
    }
  };
  return {
    columns: [
      ...(long ? [idColumn] : []),
      { title: "TYPE", width: 10 },
      { title: "ITEMS", width: 6, align: "right" },
      { title: "SIZE", width: 10, align: "right" },
      { title: "NAME", width: 20 },
    ],
    none: "No library is visible to this user.",
    entries: list(),
    progress: () => count.text,
    cells: (entry) => [
      ...(long ? [entry.id ?? ""] : []),
      (entry.type ?? "").toLowerCase(),
      String(entry.itemCount),
      formatBytes(entry.sizeBytes),
      entry.name ?? "",
    ],
  };
}

/** Lists the items of a library. Costs one call, and one more for each item. */
export function listItems(client: CarrelClient, libraryId: string, options: ListingOptions): Listing<ItemModel> {
  const { long, signal } = options;
  const count = new Count("item");
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
    entries: eachItem(client, libraryId, { signal, count }),
    progress: () => count.text,
    cells: (item) => [
      ...(long ? [item.id ?? ""] : []),
      item.type ?? "",
      // The server reports a size of 0 for content that is not on its disk.
      item.cached === false ? "-" : formatBytes(item.size),
      item.content_version ?? item.version ?? "",
      item.cached === undefined ? "" : yesNo(item.cached),
      item.name ?? "",
    ],
  };
}

/** Lists the files of an item. Costs one call. */
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

function describeChecksum({ checksum_info: info }: ItemFileInfo, long: boolean): string {
  if (!info) return "-";
  const algorithm = info.algorithm ?? "SHA1";
  return long ? `${algorithm}:${info.checksum}` : algorithm;
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
