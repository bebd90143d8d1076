import type { CarrelClient, ItemFileInfo } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { Catalog } from "../../names/catalog.ts";
import { existing, readItems } from "../../names/existing.ts";
import type { KnownItem } from "../../names/existing.ts";
import { pathOf } from "../../names/parse-target.ts";
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

/** An item or a file that was found; with --json it is written like this. */
export interface Found {
  readonly type: "item" | "file";
  readonly file?: string;
  readonly item: string;
  readonly itemId: string;
  readonly itemType?: string;
  readonly library: string;
  readonly libraryId: string;
  /** As other commands take it. */
  readonly path: string;
  readonly cached?: boolean;
  /** Bytes on the server's storage; absent where the content is not there. */
  readonly storageBytes?: number;
}

/**
 * Finds items and files, as they are known. The server finds whole names and types only, by one call for all libraries, or for
 * each one that is given; else costs one call for each library. Then one for each item that may be meant, and one more for its
 * files; and one for each library, for its name.
 */
export async function* search(
  client: CarrelClient,
  wanted: Search,
  { signal, count }: { readonly signal: AbortSignal; readonly count: Count },
): AsyncGenerator<Found> {
  const catalog = new Catalog(client, { signal });
  for await (const ids of candidates(client, wanted, signal)) {
    for await (const { item, files } of readItems(client, ids, { signal, count, files: wanted.files })) {
      const found = foundIn(wanted, item, files);
      if (found.length === 0) continue;
      const library = await catalog.libraryOf(item);
      for (const each of found) yield located(each, item, library);
    }
  }
}

/** Looks where the item with an id is. Costs two calls. `undefined` where there is none. */
export async function locate(client: CarrelClient, id: string, signal: AbortSignal): Promise<Found | undefined> {
  for await (const { item } of readItems(client, [id], { signal })) {
    const library = await new Catalog(client, { signal }).libraryOf(item);
    return located({ type: "item", ...sizeOf(item) }, item, library);
  }
  return undefined;
}

/** Identifiers of items that may be meant: all at once where the server finds them, else library by library. */
async function* candidates(
  client: CarrelClient,
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

type What = Pick<Found, "type" | "file" | "cached" | "storageBytes">;

function foundIn({ matches, type }: Search, item: KnownItem, files: readonly ItemFileInfo[]): readonly What[] {
  if (type !== undefined && item.type?.toLowerCase() !== type.toLowerCase()) return [];
  return [
    ...(matches(item.name ?? "") ? [{ type: "item" as const, ...sizeOf(item) }] : []),
    ...files
      .filter(({ name }) => matches(name))
      .map((file) => ({ type: "file" as const, file: file.name, ...sizeOf(file) })),
  ];
}

function sizeOf({ cached, size }: { readonly cached?: boolean; readonly size?: number }): Omit<What, "type"> {
  return defined({ cached, storageBytes: cached === false ? undefined : size });
}

function located({ type, file, ...size }: What, item: KnownItem, library: Resolved): Found {
  const { id: itemId, name = itemId, type: itemType } = item;
  return {
    type,
    ...defined({ file }),
    item: name,
    itemId,
    ...defined({ itemType: itemType || undefined }),
    library: library.name,
    libraryId: library.id,
    path: pathOf([library.name, name, ...(file === undefined ? [] : [file])]),
    ...size,
  };
}
