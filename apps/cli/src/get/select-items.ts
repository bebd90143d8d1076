import { posix } from "node:path";
import type { CarrelClient } from "@carrel/core";
import { notFoundError } from "../cli-error.ts";
import { listItems } from "../listings.ts";
import { folderNameOf } from "../names/folder-name.ts";
import { isGlob } from "../names/is-glob.ts";
import type { Target } from "../names/parse-target.ts";
import { resolveItem, resolveLibrary } from "../names/resolve-target.ts";
import type { Resolved } from "../names/resolve-name.ts";

/** An item to download. */
export interface SelectedItem extends Resolved {
  /** Name of a folder for it. */
  readonly folderName: string;
  /** Only files that match. */
  readonly fileGlob: string | undefined;
  /** It was found by a glob, so that there may be others. */
  readonly byGlob: boolean;
}

/**
 * Finds the items that targets name. Each library is looked up once; a glob over items costs one call, and one more for
 * each item of the library.
 */
export async function selectItems(
  client: CarrelClient,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<readonly SelectedItem[]> {
  const libraries = new Map<string, Promise<Resolved>>();
  const libraryOf = (wanted: string): Promise<Resolved> => {
    const found = libraries.get(wanted) ?? resolveLibrary(client, wanted, signal);
    libraries.set(wanted, found);
    return found;
  };
  const selected: SelectedItem[] = [];
  for (const { library: wanted, item, fileGlob } of targets) {
    const library = await libraryOf(wanted);
    const byGlob = isGlob(item);
    const items = byGlob
      ? await matchingItems(client, library, item, signal)
      : [await resolveItem(client, library, item, signal)];
    for (const found of items) selected.push({ ...found, folderName: folderNameOf(found), fileGlob, byGlob });
  }
  return selected;
}

async function matchingItems(
  client: CarrelClient,
  library: Resolved,
  glob: string,
  signal: AbortSignal,
): Promise<readonly Resolved[]> {
  const matching: Resolved[] = [];
  for await (const { id, name } of listItems(client, library.id, { long: false, signal }).entries) {
    if (id !== undefined && name !== undefined && posix.matchesGlob(name, glob)) matching.push({ id, name });
  }
  if (matching.length > 0) return matching;
  throw notFoundError(
    `No item of library "${library.name}" matches "${glob}".`,
    `See what there is: carrel ls "${library.name}"`,
  );
}
