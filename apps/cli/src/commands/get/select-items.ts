import type { CarrelClient } from "@carrel/core";
import { matchesName } from "@carrel/node-stream/fs";
import { directoryNameFor } from "@carrel/mirror";
import { notFoundError } from "../../process/cli-error.ts";
import type { Count } from "../../output/status.ts";
import { eachItem } from "../../names/existing.ts";
import { isGlob } from "../../names/parse-target.ts";
import type { Target } from "../../names/parse-target.ts";
import { resolveItem } from "../../names/resolve-name.ts";
import { selectLibraries } from "../../names/select-libraries.ts";
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
 * one call for each library and two for each name; a glob costs two, and one more for each item of the library. A glob of
 * libraries costs two, and one more for each of them.
 */
export async function selectItems(
  client: CarrelClient,
  targets: readonly Target[],
  options: SelectOptions,
): Promise<readonly SelectedItem[]> {
  const { signal } = options;
  const known = new Map<string, Promise<readonly Resolved[]>>();
  const librariesOf = (wanted: string): Promise<readonly Resolved[]> => {
    const found = known.get(wanted) ?? selectLibraries(client, wanted, signal);
    known.set(wanted, found);
    return found;
  };
  const selected = new Map<string, SelectedItem>();
  for (const { library: wanted, item, fileGlob } of targets) {
    const libraries = await librariesOf(wanted);
    const fileGlobs = fileGlob === undefined ? undefined : [fileGlob];
    let count = 0;
    for (const library of libraries) {
      const isOnlyOne = libraries.length === 1;
      const byGlob = isGlob(item) && !(await isName(client, library, item, options));
      if (!byGlob && !isOnlyOne && !(await hasName(client, library, item, signal))) continue;
      const items = byGlob
        ? await matchingItems(client, library, item, options)
        : [await resolveItem(client, library, item, { signal, asSpelled: true })];
      for (const found of items) {
        const one: SelectedItem = {
          ...found,
          library,
          directoryName: directoryNameFor(found),
          fileGlobs,
          byGlob: byGlob || !isOnlyOne,
        };
        selected.set(found.id, joined(selected.get(found.id), one));
      }
      count += items.length;
    }
    if (count === 0) throw noneMatches(libraries.length === 1 ? (libraries[0]?.name ?? wanted) : wanted, item);
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
  if (!(await hasName(client, library, name, signal))) return false;
  if (/[*?]/u.test(name)) warn?.(`"${name}" is the name of an item: only that item is selected, not all that match`);
  return true;
}

async function hasName(client: CarrelClient, library: Resolved, name: string, signal: AbortSignal): Promise<boolean> {
  return (await client.item.find({ name, library_id: library.id }, { signal })).length > 0;
}

function noneMatches(library: string, glob: string): Error {
  const where = isGlob(library) ? "" : ` "${library}"`;
  return notFoundError(`No item of library "${library}" matches "${glob}"`, `List what exists: carrel ls${where}`);
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
  return matching;
}
