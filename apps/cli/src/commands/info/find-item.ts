import type { ItemModel, LibraryModel } from "@carrel/core";
import { isNotFound } from "@carrel/core/kit";
import type { CatalogClient } from "../../names/catalog-client.ts";
import type { ItemPath } from "../../names/parse-target.ts";
import { resolveItem, resolveLibrary } from "../../names/resolve-name.ts";

/** An item, and the library that holds it. */
export interface FoundItem {
  readonly library: LibraryModel & { readonly id: string };
  readonly item: ItemModel & { readonly id: string };
}

/**
 * Finds an item by its name or id, and the library that is said to hold it. Costs three calls where one item of all libraries
 * has that name, since the library is asked for in any case; else five or more, and the errors are those of every command.
 */
export async function findItem(client: CatalogClient, path: ItemPath, signal: AbortSignal): Promise<FoundItem> {
  const [only, ...others] = await client.item.find({ name: path.item }, { signal });
  if (only !== undefined && others.length === 0) {
    const found = await getItem(client, only, signal);
    if (found !== undefined && isMeant(found.library, path.library)) return found;
  }
  const library = await resolveLibrary(client, path.library, signal);
  const { id } = await resolveItem(client, library, path.item, { signal });
  return {
    item: { ...(await client.item.get(id, { signal })), id },
    library: { ...(await client.library.get(library.id, { signal })), id: library.id },
  };
}

/** `undefined` where it is gone since it was found. */
async function getItem(client: CatalogClient, id: string, signal: AbortSignal): Promise<FoundItem | undefined> {
  try {
    const item = await client.item.get(id, { signal });
    const libraryId = item.library_id;
    if (libraryId === undefined) return undefined;
    return { item: { ...item, id }, library: { ...(await client.library.get(libraryId, { signal })), id: libraryId } };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function isMeant({ id, name = "" }: FoundItem["library"], wanted: string): boolean {
  return id.toLowerCase() === wanted.toLowerCase() || name.toLowerCase() === wanted.toLowerCase();
}
