import { ServerError } from "@carrel/core";
import type { CarrelClient, ItemFileInfo } from "@carrel/core";

/**
 * What the library knows of the item's files: it may tell checksums that a session tells only after the download.
 * A server that refuses to list them (as 9.x does over names that fit in no URL) is not asked twice.
 */
export async function itemFiles(
  client: CarrelClient,
  itemId: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ItemFileInfo>> {
  try {
    const files = await client.item.file.list(itemId, { signal });
    return new Map(files.map((file) => [file.name, file]));
  } catch (error) {
    if (error instanceof ServerError && error.code !== "NOT_FOUND" && error.code !== "BUSY") return new Map();
    throw error;
  }
}
