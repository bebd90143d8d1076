import type { CarrelClient, LibraryModel } from "@carrel/core";
import { mapInOrder } from "../../run/map-in-order.ts";
import { formatBytes } from "../../output/format.ts";
import type { Listing } from "../../output/write-listing.ts";
import { Count } from "../../output/count.ts";
import { existing } from "../../names/existing.ts";
import { idColumn } from "./listing-options.ts";
import type { ListingOptions } from "./listing-options.ts";

/** A library with what it holds. */
export interface LibraryEntry extends LibraryModel {
  readonly item_count: number;
  /** Bytes that its items use on storage; absent where the server does not tell that of every item. */
  readonly items_size?: number;
}

interface Found {
  readonly model: LibraryModel & { readonly id: string };
  readonly itemIds: readonly string[];
}

/** Libraries that are looked at ahead of the one whose items are added up. */
const librariesAhead = 4;

/** All libraries. Costs one call, two more for each library, and one for each item: no server adds up by itself. */
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
    for await (const found of mapInOrder(await client.library.list({ signal }), librariesAhead, find)) {
      // Gone since it was listed.
      if (found === undefined) continue;
      const { model, itemIds } = found;
      let size = 0;
      for await (const item of existing(itemIds, (id) => client.item.get(id, { signal }), count)) {
        size += item.size ?? Number.NaN;
      }
      const entry = { ...model, item_count: itemIds.length };
      yield Number.isNaN(size) ? entry : { ...entry, items_size: size };
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
      String(entry.item_count),
      formatBytes(entry.items_size),
      entry.name ?? "",
    ],
  };
}
