import { CarrelError } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { concernsAll } from "../run/item-failures.ts";
import type { Count } from "../output/count.ts";
import { collect, mapInOrder } from "../run/map-in-order.ts";

/** An item as the server has it. */
export interface LibraryItem {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly contentVersion: string;
  /** What it takes on the server's storage. */
  readonly storageBytes: number;
}

/** An item that the server lists and does not show. */
export interface UnseenItem {
  readonly id: string;
  readonly error: unknown;
}

const concurrentCalls = 16;

/**
 * Looks at all items of a library. Costs one call, and one more for each item; one that fails does not stop it. Where items
 * are not found that were listed, they are listed anew: what is gone on the server is not to be taken for hidden, nor the
 * other way round.
 */
export async function libraryItems(
  client: CarrelClient,
  libraryId: string,
  { signal, count }: { readonly signal: AbortSignal; readonly count: Count },
): Promise<{ readonly items: readonly LibraryItem[]; readonly unseen: readonly UnseenItem[] }> {
  const list = (): Promise<readonly string[]> => client.item.list({ library_id: libraryId }, { signal });
  const ids = await list();
  count.expect(ids.length);
  const look = async (id: string): Promise<LibraryItem | UnseenItem> => {
    try {
      const { name = id, type = "", content_version, version = "", size = 0 } = await client.item.get(id, { signal });
      return { id, name, type, contentVersion: content_version ?? version, storageBytes: size };
    } catch (error) {
      signal.throwIfAborted();
      if (concernsAll(error)) throw error;
      return { id, error };
    } finally {
      count.add();
    }
  };
  const found = await collect(mapInOrder(ids, concurrentCalls, look));
  const unseen = found.filter((item) => "error" in item);
  const now = unseen.some(isNotFound) ? new Set(await list()) : undefined;
  return {
    items: found.filter((item) => "name" in item),
    unseen: unseen.filter((item) => !isNotFound(item) || now?.has(item.id)),
  };
}

function isNotFound({ error }: UnseenItem): boolean {
  return error instanceof CarrelError && error.code === "NOT_FOUND";
}
