import { isObject, parseJson } from "@carrel/core/kit";
import { quote } from "@carrel/node-stream/fs";
import { VcspError } from "./errors.ts";
import { itemsPathOf, readItem, readItems, readLibrary } from "./format.ts";
import type { PublishedItem, PublishedLibrary } from "./format.ts";
import { itemFileName, itemsPath, libraryPath } from "./href.ts";
import type { LibraryPlace } from "./place.ts";

/**
 * Says that a run began to write, so that the next one knows that items may have changed without the library's version. Hidden,
 * so that it is not served.
 */
export const unfinishedPath = ".carrel-publishing.json";

/** What is published at a place. */
export interface Published {
  /** `undefined` where nothing was published yet. */
  readonly library: PublishedLibrary | undefined;
  readonly items: readonly PublishedItem[];
  /** When the list of items was written. */
  readonly listedAtMs: number;
  /** Whether a run was stopped while it wrote. */
  readonly isUnfinished: boolean;
}

/**
 * Reads what is published at a place, by whatever generator.
 *
 * @throws {@link VcspError} `unreadable`, `duplicate`: it cannot be understood, and so must not be replaced.
 */
export async function readPublished(place: LibraryPlace): Promise<Published> {
  const [file, unfinished] = await Promise.all([place.read(libraryPath), place.read(unfinishedPath)]);
  const library = file && readLibrary(file.text, libraryPath);
  const path = file === undefined ? itemsPath : itemsPathOf(file.text, libraryPath);
  const list = await place.read(path);
  if (list === undefined && library !== undefined) {
    throw new VcspError(`Cannot read ${quote(path)}: ${quote(libraryPath)} names it, and it does not exist`, {
      problem: "unreadable",
      path,
    });
  }
  return {
    library: library ?? begun(unfinished?.text),
    items: list === undefined ? [] : readItems(list.text, path),
    listedAtMs: list?.modifiedAtMs ?? 0,
    isUnfinished: unfinished !== undefined,
  };
}

/** The library that the first run began to publish, so that it keeps its id. Its version was never seen. */
function begun(text: string | undefined): PublishedLibrary | undefined {
  const { library } = asObject(text === undefined ? undefined : parseJson(text));
  const { id, name, created } = asObject(library);
  if (typeof id !== "string" || typeof name !== "string" || typeof created !== "string") return undefined;
  return { id, name, created, version: 0 };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

/**
 * Ends that a library is published: deletes `lib.json`, and then the list of items. The description of each item stays: see
 * {@link deleteItemFile}.
 */
export async function withdrawLibrary(place: LibraryPlace): Promise<void> {
  for (const path of [libraryPath, itemsPath, unfinishedPath]) await place.delete(path);
}

/**
 * Deletes the `item.json` of a directory that is not published any more, where it describes an item of that directory. A file of
 * that name that is anybody else's stays.
 */
export async function deleteItemFile(place: LibraryPlace, directory: string): Promise<void> {
  const file = await readItemFile(place, directory);
  if (file?.directory === directory) await place.delete(`${directory}/${itemFileName}`);
}

/** Reads the `item.json` of a directory; `undefined` where there is none, or it cannot be understood. */
export async function readItemFile(place: LibraryPlace, directory: string): Promise<PublishedItem | undefined> {
  const path = `${directory}/${itemFileName}`;
  const file = await place.read(path);
  try {
    return file && readItem(file.text, path);
  } catch (error) {
    // The list of items decides; a file like this one may also be a user's own.
    if (error instanceof VcspError) return undefined;
    throw error;
  }
}
