import { nameKey, nameProblem } from "@carrel/node-stream/fs";
import type { LibraryItem } from "../library/library.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import { directoryNameFor } from "../place/names.ts";
import { isCurrent } from "../record/record-text.ts";
import type { RecordedItem, SpareDirectory } from "../record/record-text.ts";

/** Names that the library's own files have in the directory of the mirror. */
const libraryNames: ReadonlySet<string> = new Set(["lib.json", "items.json"]);

/** Which directory an item is going to have. */
export interface ChosenDirectory {
  readonly directory: string;
  /**
   * Present where subscribers may be reading the directory that the item has: nothing there is replaced by anything else. Returns
   * one that is free, where files that arrive are not what is there.
   */
  readonly freeDirectory?: () => Promise<string>;
}

/** Returns the name that the directory of an item has in a mirror that is published, before anything is appended to it. */
export function publishedNameFor(item: { readonly id: string; readonly name: string }): string {
  const isTaken = libraryNames.has(nameKey(item.name));
  return directoryNameFor(isTaken ? { id: item.id, name: "" } : item);
}

/** Returns the directory in which a content version of an item is being put together, if there is one. */
export function comingOf(before: RecordedItem | undefined, item: LibraryItem): SpareDirectory | undefined {
  const name = publishedNameFor(item);
  return before?.spares?.find(
    ({ itemId, directory, coming }) =>
      itemId === item.id && coming === item.contentVersion && isNamedAfter(directory, name),
  );
}

/** Whether a directory has the name of an item, or that with a content version. */
function isNamedAfter(directory: string, name: string): boolean {
  return directory === name || (directory.startsWith(`${name}~v`) && !directory.slice(name.length + 1).includes("~"));
}

/**
 * Chooses the directories of items in a mirror that is published. What subscribers may be reading stays where it is: another
 * content version, and an item that was renamed, have a directory of their own, `NAME~vVERSION` where `NAME` is not free.
 */
export class PublishedDirectories {
  readonly #place: MirrorPlace;
  readonly #recorded: ReadonlyMap<string, RecordedItem>;
  readonly #isListed: (directory: string) => boolean;
  /** Keys of names that subscribers may be led to, or that this run has given away. */
  readonly #taken: Set<string>;
  /** Keys of the names of all items. */
  readonly #names: ReadonlyMap<string, string>;

  /** @param isListed - Whether what is published leads to a directory. */
  constructor(
    place: MirrorPlace,
    recorded: ReadonlyMap<string, RecordedItem>,
    items: readonly LibraryItem[],
    isListed: (directory: string) => boolean,
  ) {
    this.#place = place;
    this.#recorded = recorded;
    this.#isListed = isListed;
    this.#names = new Map(items.map((item) => [nameKey(publishedNameFor(item)), item.id]));
    const all = [...recorded.values()];
    const held = all.filter((item) => this.#isHeld(item)).map(({ directory }) => directory);
    const spares = all.flatMap((item) => item.spares ?? []).map(({ directory }) => directory);
    this.#taken = new Set([...held, ...spares].map(nameKey));
  }

  async choose(item: LibraryItem, before: RecordedItem | undefined): Promise<ChosenDirectory> {
    const name = publishedNameFor(item);
    if (before !== undefined && this.#isHeld(before)) {
      const isSame = isCurrent(before, item);
      const freeDirectory = (): Promise<string> => this.#free(item);
      const stays = isSame && isNamedAfter(before.directory, name);
      const known = stays ? before.directory : comingOf(before, item)?.directory;
      if (known !== undefined) return { directory: known, freeDirectory };
      const plain = isSame && (await this.#isFree(name, item)) ? this.#take(name) : undefined;
      return { directory: plain ?? (await this.#free(item)), freeDirectory };
    }
    if (before !== undefined && isNamedAfter(before.directory, name)) return { directory: before.directory };
    // Something else that has this name is dealt with as in any mirror.
    return { directory: this.#taken.has(nameKey(name)) ? await this.#free(item) : name };
  }

  /** Whether subscribers may be reading the directory of an item. */
  #isHeld({ directory, unlistedSince }: RecordedItem): boolean {
    return this.#isListed(directory) || unlistedSince !== undefined;
  }

  async #free(item: LibraryItem): Promise<string> {
    const version = item.contentVersion.replaceAll(/[^\w-]/gu, "_").slice(0, 40);
    const named = publishedNameFor(item);
    const name =
      nameProblem(`${named}~v${version}-999`) === undefined ? named : publishedNameFor({ ...item, name: "" });
    for (let count = 1; ; count += 1) {
      const candidate = `${name}~v${version}${count === 1 ? "" : `-${count}`}`;
      if (await this.#isFree(candidate, item)) return this.#take(candidate);
    }
  }

  #take(name: string): string {
    this.#taken.add(nameKey(name));
    return name;
  }

  async #isFree(name: string, item: LibraryItem): Promise<boolean> {
    const key = nameKey(name);
    if (this.#taken.has(key) || (this.#names.get(key) ?? item.id) !== item.id) return false;
    if ([...this.#recorded.values()].some(({ directory }) => nameKey(directory) === key)) return false;
    return (await this.#place.kindOf(name)) === undefined;
  }
}
