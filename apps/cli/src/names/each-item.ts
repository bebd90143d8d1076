import type { CarrelClient, ItemModel } from "@carrel/core";
import type { Count } from "../output/count.ts";
import { existing } from "./existing.ts";

/** An item, and its id. */
export type KnownItem = ItemModel & { readonly id: string };

/** The items of a library, as they are known. Costs one call, and one more for each item, 16 at once. */
export async function* eachItem(
  client: CarrelClient,
  libraryId: string,
  { signal, count }: { readonly signal: AbortSignal; readonly count?: Count },
): AsyncGenerator<KnownItem> {
  const ids = await client.item.list({ library_id: libraryId }, { signal });
  yield* existing(ids, async (id) => ({ ...(await client.item.get(id, { signal })), id }), count);
}
