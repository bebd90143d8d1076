import { randomUUID } from "node:crypto";
import { quote } from "@carrel/node-stream/fs";
import { describeItem } from "./compare.ts";
import type { ContentItem } from "./content.ts";
import { VcspError } from "./errors.ts";
import { isUuid, readItem, readItems, timeText, writeItem, writeItems, writeLibrary } from "./format.ts";
import type { PublishedItem, PublishedLibrary } from "./format.ts";
import { isServablePath, itemFileName, itemsPath, libraryPath } from "./href.ts";
import type { LibraryPlace } from "./place.ts";
import { readItemFile, readPublished, unfinishedPath } from "./published.ts";
import type { Published } from "./published.ts";

/** Options of {@link publishLibrary}. */
export interface PublishOptions {
  /**
   * Name of the library, for subscribers that ask.
   * @defaultValue the one it was published with
   */
  readonly name?: string;
  /**
   * Name of a library that was not published before, where `name` is absent.
   * @defaultValue "Library"
   */
  readonly newName?: string;
  /**
   * Only reports what would be written.
   * @defaultValue false
   */
  readonly dryRun?: boolean;
  /**
   * Stops between two files; the next run continues.
   * @defaultValue none
   */
  readonly signal?: AbortSignal;
  /**
   * The time that new items are created at.
   * @defaultValue the system's
   */
  readonly now?: () => Date;
}

/** What {@link publishLibrary} did about an item. */
export interface PublishChange {
  readonly change: "added" | "changed" | "unchanged" | "removed";
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** Its directory, relative to the library. That of a removed item can be deleted when no subscriber reads it any more. */
  readonly directory: string;
}

/** What {@link publishLibrary} did. */
export interface PublishReport {
  readonly library: PublishedLibrary;
  /** Whether a subscriber will find something new. */
  readonly isChanged: boolean;
  readonly items: readonly PublishChange[];
}

/**
 * Publishes items whose files are in place as a library that vCenters can subscribe to: writes `item.json` of what is new or has
 * changed, then `items.json`, then `lib.json`, each atomically, so that a subscriber never sees a version whose files are not
 * there. Ids stay, versions only grow, and where nothing has changed nothing is written. A run that was stopped anywhere is
 * finished by the next one. What another generator published is adopted, with its ids and versions.
 *
 * The caller makes sure that two runs never publish to one place at once, and that files which were published stay where they are
 * until no subscriber reads them any more.
 *
 * @throws {@link VcspError} `VCSP`: what is published cannot be read (`problem` is `unreadable`), and nothing was written; a path
 * cannot be served (`unsafe-path`), or two items share an id or a directory (`duplicate`).
 * @throws TypeError: the id of an item is not a UUID.
 *
 * @example
 * ```ts
 * import { DirectoryContent, DirectoryPlace, publishLibrary } from "@carrel/vcsp";
 *
 * async function publish(directory: string): Promise<void> {
 *   await using content = await DirectoryContent.list(directory);
 *   const { library, items } = await publishLibrary(new DirectoryPlace(directory), content.items, { name: "Images" });
 *   await content.save();
 *   for (const { change, name, version } of items) console.log(change, name, version);
 *   console.log(library.version);
 * }
 * ```
 */
export async function publishLibrary(
  place: LibraryPlace,
  contents: readonly ContentItem[],
  options: PublishOptions = {},
): Promise<PublishReport> {
  const { now = () => new Date(), newName = "Library", dryRun = false, signal } = options;
  assertServable(contents);
  const published = await readPublished(place);
  const time = now();
  const identities = await identify(place, contents, published);
  const items: PublishedItem[] = [];
  for (const [index, content] of contents.entries()) {
    signal?.throwIfAborted();
    const { id = "", item } = identities[index] ?? {};
    items.push(await describeItem(content, { id, item, listedAtMs: published.listedAtMs, now: time }));
  }
  const changes = changesOf(items, published.items);
  const before = published.library;
  const library: PublishedLibrary = {
    id: before?.id ?? randomUUID(),
    name: options.name ?? before?.name ?? newName,
    version: before?.version ?? 0,
    created: before?.created ?? timeText(time),
  };
  const isChanged =
    library.version === 0 ||
    published.isUnfinished ||
    library.name !== before?.name ||
    changes.some(({ change }) => change !== "unchanged");
  const next = isChanged ? { ...library, version: library.version + 1 } : library;
  if (!dryRun) await write(place, next, { items, isChanged, signal });
  return { library: next, isChanged, items: changes };
}

function assertServable(contents: readonly ContentItem[]): void {
  const directories = new Set<string>();
  const ids = new Set<string>();
  for (const { id, directory, files } of contents) {
    if (id !== undefined && !isUuid(id)) throw new TypeError(`The id of an item must be a UUID: got ${quote(id)}`);
    if (id !== undefined && ids.has(id.toLowerCase())) {
      throw new VcspError(`Cannot publish two items with the id ${id}`, { problem: "duplicate" });
    }
    if (id !== undefined) ids.add(id.toLowerCase());
    if (directories.has(directory)) {
      throw new VcspError(`Cannot publish two items in the directory ${quote(directory)}`, {
        problem: "duplicate",
        path: directory,
      });
    }
    directories.add(directory);
    const unsafe = [directory, ...files.map(({ path }) => path)].find((path) => !isServablePath(path));
    if (unsafe === undefined) continue;
    throw new VcspError(`Cannot publish ${quote(unsafe)}: it is hidden, or outside of the library`, {
      problem: "unsafe-path",
      path: unsafe,
    });
  }
}

interface Identity {
  readonly id: string;
  readonly item: PublishedItem | undefined;
}

/**
 * Finds out which published item each content is: by the vCenter's id, by its directory, or by the `item.json` in it, which
 * stays with a directory that was renamed. A run that was stopped may have written an `item.json` that is newer than the list.
 */
async function identify(
  place: LibraryPlace,
  contents: readonly ContentItem[],
  { items }: Published,
): Promise<readonly Identity[]> {
  const byId = new Map(items.map((item) => [item.id, item]));
  const byDirectory = new Map(items.map((item) => [item.directory, item]));
  const taken = new Set(
    contents.flatMap(({ id, directory }) => id?.toLowerCase() ?? byDirectory.get(directory)?.id ?? []),
  );
  const identities: Identity[] = [];
  for (const { id: own, directory } of contents) {
    const file = await readItemFile(place, directory);
    const listed = own === undefined ? byDirectory.get(directory) : byId.get(own.toLowerCase());
    // A copied directory has the `item.json` of the other one.
    const free = file !== undefined && !taken.has(file.id) ? file.id : undefined;
    const id = own?.toLowerCase() ?? listed?.id ?? free ?? randomUUID();
    taken.add(id);
    const known = [listed ?? byId.get(id), file?.id === id ? file : undefined].filter((item) => item !== undefined);
    const item = known.toSorted((one, other) => other.version - one.version)[0];
    identities.push({ id, item });
  }
  return identities;
}

function changesOf(items: readonly PublishedItem[], before: readonly PublishedItem[]): readonly PublishChange[] {
  const old = new Map(before.map((item) => [item.id, item]));
  const changes = items.map(({ id, name, version, directory }): PublishChange => {
    const oldVersion = old.get(id)?.version;
    old.delete(id);
    const change = oldVersion === undefined ? "added" : oldVersion === version ? "unchanged" : "changed";
    return { change, id, name, version, directory };
  });
  const removed = [...old.values()].map(({ id, name, version, directory }): PublishChange => {
    return { change: "removed", id, name, version, directory };
  });
  return [...changes, ...removed];
}

/** Writes what differs, in the order in which subscribers read it last: the library's own file is the commit. */
async function write(
  place: LibraryPlace,
  library: PublishedLibrary,
  {
    items,
    isChanged,
    signal,
  }: {
    readonly items: readonly PublishedItem[];
    readonly isChanged: boolean;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const { id, name, created } = library;
  if (isChanged) await place.write(unfinishedPath, `${JSON.stringify({ library: { id, name, created } })}\n`);
  for (const item of items) {
    signal?.throwIfAborted();
    const path = `${item.directory}/${itemFileName}`;
    await writeIfDifferent(place, path, writeItem(item, id), (text) => writeItem(readItem(text, path), id));
  }
  const sorted = items.toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
  await writeIfDifferent(place, itemsPath, writeItems(sorted, id), (text) =>
    writeItems(readItems(text, itemsPath), id),
  );
  if (!isChanged) return;
  await place.write(libraryPath, writeLibrary(library));
  await place.delete(unfinishedPath);
}

/** `reread` writes what a text says as this module writes it: what another generator wrote, and says the same, stays. */
async function writeIfDifferent(
  place: LibraryPlace,
  path: string,
  text: string,
  reread: (text: string) => string,
): Promise<void> {
  const before = await place.read(path);
  if (before === undefined || !isSame(before.text, text, reread)) await place.write(path, text);
}

function isSame(before: string, now: string, reread: (text: string) => string): boolean {
  try {
    return before === now || reread(before) === now;
  } catch (error) {
    if (error instanceof VcspError) return false;
    throw error;
  }
}
