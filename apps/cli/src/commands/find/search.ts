import { defined } from "@carrel/core/kit";
import { Catalog } from "../../names/catalog.ts";
import type { CatalogClient } from "../../names/catalog-client.ts";
import { fileEntry, itemEntry } from "../../names/entry.ts";
import type { Entry } from "../../names/entry.ts";
import { existing, readItems } from "../../names/existing.ts";
import type { KnownItem } from "../../names/existing.ts";
import type { Resolved } from "../../names/resolve-name.ts";
import type { Count } from "../../output/status.ts";

/** What is looked for, and where. */
export interface Search {
  /** Whether a name is one of those that are looked for. */
  readonly matches: (name: string) => boolean;
  /** The whole name of items, where the server can find it. */
  readonly name?: string | undefined;
  readonly type?: string | undefined;
  /** Files as well. */
  readonly files: boolean;
  /** Only here. */
  readonly libraries?: readonly Resolved[] | undefined;
}

/**
 * Finds items and files, as they are known. The server finds whole names and types only, by one call for all libraries, or for
 * each one that is given; else costs one call for each library. Then one for each item that may be meant, and one more for its
 * files; and one for each library, for its name.
 */
export async function* search(
  client: CatalogClient,
  wanted: Search,
  { signal, count }: { readonly signal: AbortSignal; readonly count: Count },
): AsyncGenerator<Entry> {
  const catalog = new Catalog(client, { signal });
  for await (const ids of candidates(client, wanted, signal)) {
    for await (const { item, files } of readItems(client, ids, { signal, count, files: wanted.files })) {
      if (!isOfType(item, wanted.type)) continue;
      const matching = files.filter(({ name }) => wanted.matches(name));
      const isMatch = wanted.matches(item.name ?? "");
      if (!isMatch && matching.length === 0) continue;
      const library = await catalog.libraryOf(item);
      const { id, name = id } = item;
      const own = itemEntry(item, library);
      if (isMatch) yield own;
      for (const file of matching) {
        yield { ...fileEntry(file, { item: { id, name }, library }), ...defined({ itemType: own.itemType }) };
      }
    }
  }
}

function isOfType({ type = "" }: KnownItem, wanted: string | undefined): boolean {
  return wanted === undefined || type.toLowerCase() === wanted.toLowerCase();
}

/** Looks where the item with an id is. Costs two calls. `undefined` where there is none. */
export async function locate(client: CatalogClient, id: string, signal: AbortSignal): Promise<Entry | undefined> {
  for await (const { item } of readItems(client, [id], { signal })) {
    return itemEntry(item, await new Catalog(client, { signal }).libraryOf(item));
  }
  return undefined;
}

/** Identifiers of items that may be meant: all at once where the server finds them, else library by library. */
async function* candidates(
  client: CatalogClient,
  { name, type, libraries, files }: Search,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  // A search for files covers items of any name.
  const spec = defined({ name: files ? undefined : name, type });
  const finds = spec.name !== undefined || spec.type !== undefined;
  if (finds && libraries === undefined) {
    yield await client.item.find(spec, { signal });
    return;
  }
  const ids = libraries?.map(({ id }) => id) ?? (await client.library.list({ signal }));
  const list = (id: string): Promise<readonly string[]> =>
    finds
      ? client.item.find({ ...spec, library_id: id }, { signal })
      : client.item.list({ library_id: id }, { signal });
  // One that is gone since it was listed has no items.
  yield* existing(ids, list);
}
