import type { LibraryModel } from "@carrel/core";
import { defined } from "@carrel/core/kit";
import { matchesName } from "@carrel/node-stream/fs";
import { printable } from "../output/printable.ts";
import type { Count } from "../output/status.ts";
import { notFoundError } from "../process/cli-error.ts";
import type { CatalogClient } from "./catalog-client.ts";
import { readItems } from "./existing.ts";
import type { KnownItem, ReadItem } from "./existing.ts";
import { isGlob } from "./parse-target.ts";
import type { ItemPattern } from "./parse-target.ts";
import { resolveItem } from "./resolve-name.ts";
import type { Resolved } from "./resolve-name.ts";
import { selectLibraries } from "./select-libraries.ts";

/** Options of a {@link Catalog}. */
export interface CatalogOptions {
  readonly signal: AbortSignal;
  readonly count?: Count;
  readonly warn?: (message: string) => void;
}

/** How much is asked about the items of a library. */
export interface ItemsOptions {
  /** Only those whose names match; all where absent. */
  readonly glob?: string;
  /** Only items of this type, which the server finds. */
  readonly type?: string | undefined;
  /** Lists files, too: costs one more call for each item. */
  readonly files?: boolean;
}

/** An item that a path means. */
export interface FoundItem extends Resolved {
  readonly library: Resolved;
  /** Whether a glob found it, so that there may be others. */
  readonly byGlob: boolean;
  /** Known where a glob found it. */
  readonly read?: ReadItem;
}

/** How items that a path means are found. */
export interface FindItemsOptions extends Omit<ItemsOptions, "glob"> {
  /** Returns the names as the server spells them, at the cost of a call for an item that is named. */
  readonly asSpelled?: boolean;
}

/** The libraries and items of a vCenter, as paths mean them. Asks about a library once. */
export class Catalog {
  readonly #client: CatalogClient;
  readonly #options: CatalogOptions;
  readonly #selected = new Map<string, Promise<readonly Resolved[]>>();
  readonly #models = new Map<string, Promise<LibraryModel & { readonly id: string }>>();

  constructor(client: CatalogClient, options: CatalogOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Returns the libraries that a name, an id or a glob means, as {@link selectLibraries} does. */
  libraries(wanted: string): Promise<readonly Resolved[]> {
    const selected = this.#selected.get(wanted) ?? this.#select(wanted);
    this.#selected.set(wanted, selected);
    return selected;
  }

  async #select(wanted: string): Promise<readonly Resolved[]> {
    const { address } = this.#client;
    const libraries = await selectLibraries(this.#client, wanted, this.#options.signal);
    return libraries.map((library) => ({ ...library, ...defined({ address }) }));
  }

  /** Reads a library. */
  libraryModel(id: string): Promise<LibraryModel & { readonly id: string }> {
    const get = async (): Promise<LibraryModel & { readonly id: string }> => ({
      ...(await this.#client.library.get(id, this.#callOptions)),
      id,
    });
    const model = this.#models.get(id) ?? get();
    this.#models.set(id, model);
    return model;
  }

  /** Names the library of an item as the server spells it; `?` where the server does not say which it is. */
  async libraryOf({ library_id: id }: KnownItem): Promise<Resolved> {
    if (id === undefined) return { id: "?", name: "?" };
    const { name = id } = await this.libraryModel(id);
    return { id, name, ...defined({ address: this.#client.address }) };
  }

  /** Lists items of a library, each as soon as it is known. Costs one call, and one more for each item. */
  async *itemsIn(
    library: Resolved,
    { glob = "*", type, files }: ItemsOptions = {},
  ): AsyncGenerator<ReadItem, void, void> {
    const spec = { library_id: library.id };
    const ids = await (type === undefined
      ? this.#client.item.list(spec, this.#callOptions)
      : this.#client.item.find({ ...spec, type }, this.#callOptions));
    for await (const read of readItems(this.#client, ids, { ...this.#options, files })) {
      if (glob === "*" || matchesName(read.item.name ?? "", glob)) yield read;
    }
  }

  /**
   * Finds the items that a path means. A text that could be a glob and is the name of an item means that item. Costs one call for
   * each library and one for each name; a glob costs two, and one more for each item of the library.
   * @throws {@link CliError} exit code 4: there is none.
   */
  async *items(pattern: ItemPattern, options: FindItemsOptions = {}): AsyncGenerator<FoundItem, void, void> {
    const libraries = await this.libraries(pattern.library);
    let count = 0;
    for (const library of libraries) {
      const found = this.itemsMeant(library, pattern.item, { ...options, mayLack: libraries.length > 1 });
      for await (const item of found) {
        count += 1;
        yield libraries.length > 1 ? { ...item, byGlob: true } : item;
      }
    }
    const [only, ...others] = libraries;
    const named = only && others.length === 0 ? { ...pattern, library: only.name } : pattern;
    if (count === 0) throw noneMatches(named, this.#client.address);
  }

  /**
   * Finds the items of one library that a name, an id or a glob means, as {@link items} does; none where no item matches a glob.
   * @param options.mayLack - The item need not be in this library, because it may be in another one.
   */
  async *itemsMeant(
    library: Resolved,
    wanted: string,
    { asSpelled = false, mayLack, ...options }: FindItemsOptions & { readonly mayLack: boolean },
  ): AsyncGenerator<FoundItem, void, void> {
    const { signal, warn } = this.#options;
    const mayBeGlob = isGlob(wanted);
    const isNamed = mayBeGlob || mayLack ? await this.#hasName(library, wanted) : true;
    if (!isNamed && !mayBeGlob) return;
    if (!isNamed) {
      for await (const read of this.itemsIn(library, { ...options, glob: wanted })) {
        const { id, name = id } = read.item;
        yield { id, name, library, byGlob: true, read };
      }
      return;
    }
    if (/[*?]/u.test(wanted)) {
      warn?.(`"${wanted}" is the name of an item: only that item is selected, not all that match`);
    }
    const item = await resolveItem(this.#client, library, wanted, { signal, asSpelled });
    yield { ...item, library, byGlob: false };
  }

  async #hasName(library: Resolved, name: string): Promise<boolean> {
    return (await this.#client.item.find({ name, library_id: library.id }, this.#callOptions)).length > 0;
  }

  get #callOptions(): { readonly signal: AbortSignal } {
    return { signal: this.#options.signal };
  }
}

/** The error where no item of a library, or of several, matches a glob. */
export function noneMatches({ library, item }: ItemPattern, address?: string): Error {
  const where = address === undefined && isGlob(library) ? "" : ` "${address ?? printable(library)}"`;
  return notFoundError(
    `No item of library "${printable(library)}" matches "${printable(item)}"`,
    `List what exists: carrel ls${where}`,
  );
}
