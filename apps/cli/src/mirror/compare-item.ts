import { join } from "node:path";
import { folderNameFor } from "../names/folder-name.ts";
import type { LibraryItem } from "./library-items.ts";
import { isItemFolder, notItsFile } from "./in-the-way.ts";
import { lookAt } from "./local-files.ts";
import { isCurrent, placesOf } from "./mirrored-item.ts";
import type { MirroredFile, MirroredItem } from "./mirrored-item.ts";

/** What is to be done about an item; `incomplete` where files are missing, or are not what was put there. */
export type MirrorAction = "none" | "new" | "changed" | "incomplete" | "renamed";

/** An item of the library, and what is there of it. */
export interface MirrorStep {
  readonly action: MirrorAction;
  readonly item: LibraryItem;
  /** Name of the folder that it shall have. */
  readonly folder: string;
  /** Name of the folder that it has now. */
  readonly place: string | undefined;
  /** What mirror put there: of this item, or of one that is gone and had its folder. */
  readonly before: MirroredItem | undefined;
  /** Names of files that should be there and are not, or are not what was put there. */
  readonly missing: readonly string[];
  /** Files that the item has no more. */
  readonly leftovers: readonly MirroredFile[];
}

/**
 * Compares an item with what is there of it.
 * @param taken - Whether its folder is that of another item.
 * @throws {@link CliError} something else is in the place of its folder or of one of its files.
 */
export async function compareItem(
  root: string,
  item: LibraryItem,
  before: MirroredItem | undefined,
  taken: boolean,
): Promise<MirrorStep> {
  const folder = folderNameFor(item);
  if (before === undefined) {
    if (!taken) await isItemFolder(join(root, folder));
    return { action: "new", item, folder, place: undefined, before, missing: [], leftovers: [] };
  }
  const places = [...placesOf(before), ...(taken ? [] : [folder])];
  const place = await firstFolder(root, places);
  if (place === undefined) for (const name of places) await isItemFolder(join(root, name));
  const missing: string[] = [];
  for (const { name, sizeBytes, gone } of before.files) {
    if (gone) continue;
    const path = join(root, place ?? folder, name);
    const stats = place === undefined ? undefined : await lookAt(path);
    if (stats !== undefined && !stats.isFile()) throw notItsFile(path, stats);
    if (stats?.size !== sizeBytes) missing.push(name);
  }
  const leftovers = before.files.filter((file) => file.gone);
  const isMoved = before.folder !== folder || (place ?? folder) !== folder;
  const action = actionFor(item, before, missing, isMoved || before.name !== item.name);
  return { action, item, folder, place, before, missing, leftovers };
}

/** The first of some names that is a folder's. */
async function firstFolder(root: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if ((await lookAt(join(root, name)))?.isDirectory()) return name;
  return undefined;
}

function actionFor(
  item: LibraryItem,
  before: MirroredItem,
  missing: readonly string[],
  isRenamed: boolean,
): MirrorAction {
  if (before.contentVersion === null) return "incomplete";
  if (!isCurrent(before, item)) return "changed";
  if (missing.length > 0) return "incomplete";
  return isRenamed ? "renamed" : "none";
}
