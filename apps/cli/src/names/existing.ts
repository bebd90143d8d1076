import type { ItemFileInfo, ItemModel } from "@carrel/core";
import { isNotFound } from "@carrel/core/kit";
import type { Count } from "../output/status.ts";
import type { CatalogClient } from "./catalog-client.ts";
import { concurrentCalls, concurrently } from "../concurrently.ts";

/** Gets objects by their ids, in order, {@link concurrentCalls} at once. Leaves out what no longer exists. */
export async function* existing<T>(
  ids: readonly string[],
  get: (id: string) => Promise<T | undefined>,
  { count, limit = concurrentCalls }: { readonly count?: Count | undefined; readonly limit?: number } = {},
): AsyncGenerator<T> {
  count?.expect(ids.length);
  const getOne = async (id: string): Promise<T | undefined> => {
    try {
      return await get(id);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    } finally {
      count?.add();
    }
  };
  for await (const entry of concurrently(ids, limit, getOne)) if (entry !== undefined) yield entry;
}

/** An item, and its id. */
export type KnownItem = ItemModel & { readonly id: string };

/** An item, and its files where they were asked for. */
export interface ReadItem {
  readonly item: KnownItem;
  readonly files: readonly ItemFileInfo[];
}

/** Options of {@link readItems}. */
export interface ReadItemsOptions {
  readonly signal: AbortSignal;
  readonly count?: Count | undefined;
  /** Lists the files, too: costs one more call for each item. */
  readonly files?: boolean | undefined;
}

/** Reads items by their ids, each as soon as it is known. Costs one call for each. */
export function readItems(
  client: CatalogClient,
  ids: readonly string[],
  { signal, count, files = false }: ReadItemsOptions,
): AsyncGenerator<ReadItem> {
  const read = async (id: string): Promise<ReadItem> => {
    const [item, listed] = await Promise.all([
      client.item.get(id, { signal }),
      files ? client.item.file.list(id, { signal }) : [],
    ]);
    return { item: { ...item, id }, files: listed };
  };
  return existing(ids, read, { count });
}
