import type { CarrelClient, ItemModel } from "@carrel/core";
import { formatBytes } from "../../output/format.ts";
import type { Listing } from "../../output/write-listing.ts";
import { Count } from "../../output/count.ts";
import { eachItem } from "../../names/each-item.ts";
import { idColumn, yesNo } from "./listing-options.ts";
import type { ListingOptions } from "./listing-options.ts";

/** The items of a library. Costs one call, and one more for each item. */
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
      // The size of what is not on disk is told as 0.
      item.cached === false ? "-" : formatBytes(item.size),
      item.content_version ?? item.version ?? "",
      item.cached === undefined ? "" : yesNo(item.cached),
      item.name ?? "",
    ],
  };
}
