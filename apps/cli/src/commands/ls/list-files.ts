import type { CarrelClient, ItemFileInfo } from "@carrel/core";
import { formatBytes } from "../../output/format.ts";
import type { Listing } from "../../output/write-listing.ts";
import { yesNo } from "./listing-options.ts";
import type { ListingOptions } from "./listing-options.ts";

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

function describeChecksum({ checksum_info: info }: ItemFileInfo, long: boolean): string {
  if (!info) return "-";
  const algorithm = info.algorithm ?? "SHA1";
  return long ? `${algorithm}:${info.checksum}` : algorithm;
}
