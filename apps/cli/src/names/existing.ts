import type { CarrelClient, ItemModel } from "@carrel/core";
import { isNotFound } from "@carrel/core/kit";
import type { Count } from "../output/status.ts";
import { concurrentCalls, concurrently } from "../concurrently.ts";

/** Gets objects by their ids, in order, {@link concurrentCalls} at once. Leaves out what no longer exists. */
export async function* existing<T>(
  ids: readonly string[],
  get: (id: string) => Promise<T | undefined>,
  count?: Count,
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
  for await (const entry of concurrently(ids, concurrentCalls, getOne)) if (entry !== undefined) yield entry;
}

/** An item, and its id. */
export type KnownItem = ItemModel & { readonly id: string };

/** Lists the items of a library, each as soon as it is known. Costs one call, and one more for each item. */
export async function* eachItem(
  client: CarrelClient,
  libraryId: string,
  { signal, count }: { readonly signal: AbortSignal; readonly count?: Count },
): AsyncGenerator<KnownItem> {
  const ids = await client.item.list({ library_id: libraryId }, { signal });
  yield* existing(ids, async (id) => ({ ...(await client.item.get(id, { signal })), id }), count);
}
