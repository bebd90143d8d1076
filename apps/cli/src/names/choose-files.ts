import type { ItemFileInfo } from "@carrel/core";
import { matchesName } from "@carrel/node-stream/fs";
import type { CatalogClient } from "./catalog-client.ts";
import { nearestNames } from "./nearest.ts";
import { pathIn } from "./parse-target.ts";
import { formatCount } from "../output/format.ts";
import { printable } from "../output/printable.ts";
import { notFoundError, usageError } from "../process/cli-error.ts";
import { collect, concurrentCalls, concurrently } from "../concurrently.ts";
import type { SelectedItem } from "./select-items.ts";

/** The files to download, by item. */
export type ChosenFiles = ReadonlyMap<SelectedItem, readonly ItemFileInfo[]>;

/**
 * Chooses the files of items that match, before there is a session. Items that a glob found are left out where none of their
 * files matches. Costs one call for each item.
 * @throws {@link CliError} exit code 4: no file of an item that was named matches, or of all items that a glob found.
 */
export async function chooseFiles(
  client: CatalogClient,
  items: readonly SelectedItem[],
  signal: AbortSignal,
): Promise<ChosenFiles> {
  const choose = async (item: SelectedItem): Promise<readonly [SelectedItem, readonly ItemFileInfo[]]> => {
    const all = await client.item.file.list(item.id, { signal });
    const files = all.filter(({ name }) => isWanted(name, item.fileGlobs));
    if (files.length === 0 && item.fileGlobs !== undefined && !item.byGlob) throw noMatchIn(item, item.fileGlobs, all);
    return [item, files];
  };
  const found = await collect(concurrently(items, concurrentCalls, choose));
  const chosen = new Map(found.filter(([{ fileGlobs }, files]) => fileGlobs === undefined || files.length > 0));
  if (chosen.size === 0 && items.length > 0) throw noMatchAtAll(items);
  return chosen;
}

function isWanted(name: string, globs: readonly string[] | undefined): boolean {
  return globs === undefined || globs.some((glob) => matchesName(name, glob));
}

function noMatchIn({ name }: SelectedItem, globs: readonly string[], all: readonly ItemFileInfo[]): Error {
  const names = all.map((file) => file.name);
  const nearest = globs.flatMap((glob) => nearestNames(glob, names)).map((near) => `"${printable(near)}"`);
  return notFoundError(
    `Item "${printable(name)}" has no file that matches ${quoted(globs)}`,
    ...(nearest.length > 0 ? [`Did you mean ${[...new Set(nearest)].join(" or ")}?`] : []),
    `It has: ${names.map(printable).join(", ") || "no files"}`,
  );
}

function noMatchAtAll(items: readonly SelectedItem[]): Error {
  const globs = [...new Set(items.flatMap(({ fileGlobs = [] }) => fileGlobs))];
  return notFoundError(
    `${formatCount(items.length, "item")} found, but no file that matches ${quoted(globs)}`,
    "List what exists: carrel ls LIBRARY/ITEM",
  );
}

function quoted(globs: readonly string[]): string {
  return globs.map((glob) => `"${printable(glob)}"`).join(" or ");
}

/** One file of an item. */
export interface OnlyFile {
  readonly itemId: string;
  readonly itemName: string;
  readonly fileName: string;
  /** Whether its content is at the vCenter. */
  readonly cached: boolean;
  /** As commands take it. */
  readonly path: string;
}

/**
 * Returns the one file that can be written to standard output.
 * @throws {@link CliError} there is none (exit code 4), or more than one (exit code 2).
 */
export function onlyFile(chosen: ChosenFiles): OnlyFile {
  const [first, ...others] = chosen;
  if (first === undefined || others.length > 0) throw several(`${chosen.size} items match`);
  const [{ id: itemId, name: itemName, library }, files] = first;
  const [file] = files;
  if (file === undefined) throw notFoundError(`Item "${printable(itemName)}" has no files`);
  if (files.length === 1) {
    const { name: fileName, cached } = file;
    return { itemId, itemName, fileName, cached, path: pathIn(library, [itemName, fileName]) };
  }
  throw several(`${files.length} files match: ${files.map(({ name }) => printable(name)).join(", ")}`);
}

function several(why: string): Error {
  return usageError("Only one file can be written to standard output", why, "Name it: LIBRARY/ITEM/FILE");
}
