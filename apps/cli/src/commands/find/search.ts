import type { CarrelClient, ItemFileInfo } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { existing } from "../../names/existing.ts";
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
  readonly library?: Resolved | undefined;
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
 * the one that is given; else costs one call for each library. Then one for each item that may be meant, and one more for its
 * files; and one for each library, for its name.
 */
export async function* search(
  client: CarrelClient,
  wanted: Search,
  { signal, count }: { readonly signal: AbortSignal; readonly count: Count },
): AsyncGenerator<Found> {
  const names = new LibraryNames(client, signal);
  for await (const ids of candidates(client, wanted, signal)) {
    const get = async (id: string): Promise<readonly Found[]> => {
      const [item, files] = await Promise.all([
        client.item.get(id, { signal }),
        wanted.files ? client.item.file.list(id, { signal }) : [],
      ]);
      const found = foundIn(wanted, { ...item, id }, files);
      if (found.length === 0) return [];
      const library = await names.of(item.library_id);
      return found.map((each) => located(each, { ...item, id }, library));
    };
    for await (const found of existing(ids, get, count)) yield* found;
  }
}

/** Looks where the item with an id is. Costs two calls. `undefined` where there is none. */
export async function locate(client: CarrelClient, id: string, signal: AbortSignal): Promise<Found | undefined> {
  const found = await existing([id], (each) => client.item.get(each, { signal })).next();
  if (found.done === true) return undefined;
  const item: KnownItem = { ...found.value, id };
  const library = await new LibraryNames(client, signal).of(item.library_id);
  return located({ type: "item", ...sizeOf(item) }, item, library);
}

/** Identifiers of items that may be meant: all at once where the server finds them, else library by library. */
async function* candidates(
  client: CarrelClient,
  { name, type, library, files }: Search,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  // A search for files covers items of any name.
  const spec = defined({ name: files ? undefined : name, type, library_id: library?.id });
  if (spec.name !== undefined || spec.type !== undefined) {
    yield await client.item.find(spec, { signal });
    return;
  }
  const libraryIds = library === undefined ? await client.library.list({ signal }) : [library.id];
  const list = (id: string): Promise<readonly string[]> => client.item.list({ library_id: id }, { signal });
  // One that is gone since it was listed has no items.
  yield* existing(libraryIds, list);
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

/** The names of libraries as the server spells them, each asked for once, where something in it was found. */
class LibraryNames {
  readonly #client: CarrelClient;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, Promise<Resolved>>();

  constructor(client: CarrelClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  /** `?` where the server does not say which library it is. */
  async of(id: string | undefined): Promise<Resolved> {
    if (id === undefined) return { id: "?", name: "?" };
    const name = this.#known.get(id) ?? this.#ask(id);
    this.#known.set(id, name);
    return name;
  }

  async #ask(id: string): Promise<Resolved> {
    const { name = id } = await this.#client.library.get(id, { signal: this.#signal });
    return { id, name };
  }
}
