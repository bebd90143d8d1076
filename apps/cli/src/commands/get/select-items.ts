import type { CarrelClient } from "@carrel/core";
import { matchesName } from "@carrel/node-stream/fs";
import { directoryNameFor } from "@carrel/mirror";
import { notFoundError } from "../../process/cli-error.ts";
import type { Count } from "../../output/status.ts";
import { eachItem } from "../../names/existing.ts";
import { isGlob } from "../../names/parse-target.ts";
import type { Target } from "../../names/parse-target.ts";
import { resolveItem, resolveLibrary } from "../../names/resolve-name.ts";
import type { Resolved } from "../../names/resolve-name.ts";

/** An item to download. */
export interface SelectedItem extends Resolved {
  /** Bytes that it uses on the server's storage, where that is known already. */
  readonly storageBytes?: number;
  readonly library: Resolved;
  /** Name of its directory. */
  readonly directoryName: string;
  /** Only files that match one of these; all files where absent. */
  readonly fileGlobs: readonly string[] | undefined;
  /** Whether a glob found it, so that there may be others. */
  readonly byGlob: boolean;
}

interface SelectOptions {
  readonly signal: AbortSignal;
  readonly count?: Count;
  readonly warn?: (message: string) => void;
}

/**
 * Finds the items that targets name, each once. A text that could be a glob and is the name of an item means that item. Costs
 * one call for each library and two for each name; a glob costs two, and one more for each item of the library.
 */
export async function selectItems(
  client: CarrelClient,
  targets: readonly Target[],
  options: SelectOptions,
): Promise<readonly SelectedItem[]> {
  const { signal } = options;
  const libraries = new Map<string, Promise<Resolved>>();
  const libraryOf = (wanted: string): Promise<Resolved> => {
    const found = libraries.get(wanted) ?? resolveLibrary(client, wanted, signal);
    libraries.set(wanted, found);
    return found;
  };
  const selected = new Map<string, SelectedItem>();
  for (const { library: wanted, item, fileGlob } of targets) {
    const library = await libraryOf(wanted);
    const byGlob = isGlob(item) && !(await isName(client, library, item, options));
    const items = byGlob
      ? await matchingItems(client, library, item, options)
      : [await resolveItem(client, library, item, { signal, asSpelled: true })];
    const fileGlobs = fileGlob === undefined ? undefined : [fileGlob];
    for (const found of items) {
      const one: SelectedItem = { ...found, library, directoryName: directoryNameFor(found), fileGlobs, byGlob };
      selected.set(found.id, joined(selected.get(found.id), one));
    }
  }
  return [...selected.values()];
}

/** Combines what several targets select of one item. */
function joined(before: SelectedItem | undefined, now: SelectedItem): SelectedItem {
  if (before === undefined) return now;
  const fileGlobs = before.fileGlobs && now.fileGlobs && [...before.fileGlobs, ...now.fileGlobs];
  return { ...before, fileGlobs, byGlob: before.byGlob || now.byGlob };
}

/** Whether a text that could be a glob is the name of an item. Warns where it might have been meant as a glob. */
async function isName(
  client: CarrelClient,
  library: Resolved,
  name: string,
  { signal, warn }: SelectOptions,
): Promise<boolean> {
  const ids = await client.item.find({ name, library_id: library.id }, { signal });
  if (ids.length === 0) return false;
  if (/[*?]/u.test(name)) warn?.(`"${name}" is the name of an item: only that item is selected, not all that match`);
  return true;
}

async function matchingItems(
  client: CarrelClient,
  library: Resolved,
  glob: string,
  options: SelectOptions,
): Promise<readonly (Resolved & Pick<SelectedItem, "storageBytes">)[]> {
  const matching = [];
  for await (const { id, name, size: storageBytes = 0 } of eachItem(client, library.id, options)) {
    if (name !== undefined && matchesName(name, glob)) matching.push({ id, name, storageBytes });
  }
  if (matching.length > 0) return matching;
  throw notFoundError(
    `No item of library "${library.name}" matches "${glob}"`,
    `List what exists: carrel ls "${library.name}"`,
  );
}
