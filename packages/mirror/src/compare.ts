import { join } from "node:path";
import type { LibraryItem } from "./library.ts";
import { isItemDirectory, notAFile, lstatOf } from "./local-files.ts";
import { directoryNameFor } from "./names.ts";
import { isCurrent, possibleDirectories } from "./record-text.ts";
import type { RecordedFile, RecordedItem } from "./record-text.ts";
import type { MirrorAction } from "./report.ts";

/** An item of the library, and what the directory holds of it. */
export interface MirrorStep {
  /** `none`: it is in place. */
  readonly action: MirrorAction | "none";
  readonly item: LibraryItem;
  /** Name of the directory that it shall have. */
  readonly directory: string;
  /** Name of the directory that it has now. */
  readonly currentDirectory: string | undefined;
  /** What the mirror put there: of this item, or of one that no longer exists and had its directory. */
  readonly before: RecordedItem | undefined;
  /** Names of files that should be there and are not, or are not what was put there. */
  readonly missing: readonly string[];
  /** Files that the item no longer has. */
  readonly leftovers: readonly RecordedFile[];
}

/**
 * Compares an item with what the directory holds of it.
 * @param isInUse - Whether its directory is that of another item.
 * @throws {@link MirrorError} `through-link`, `obstacle`: something else has the name of its directory or of a file.
 */
export async function compareItem(
  root: string,
  item: LibraryItem,
  before: RecordedItem | undefined,
  isInUse: boolean,
): Promise<MirrorStep> {
  const directory = directoryNameFor(item);
  if (before === undefined) {
    if (!isInUse) await isItemDirectory(join(root, directory));
    return { action: "new", item, directory, currentDirectory: undefined, before, missing: [], leftovers: [] };
  }
  const candidates = [...possibleDirectories(before), ...(isInUse ? [] : [directory])];
  const currentDirectory = await firstDirectory(root, candidates);
  if (currentDirectory === undefined) for (const name of candidates) await isItemDirectory(join(root, name));
  const missing: string[] = [];
  for (const { name, sizeBytes, gone } of before.files) {
    if (gone) continue;
    const path = join(root, currentDirectory ?? directory, name);
    const stats = currentDirectory === undefined ? undefined : await lstatOf(path);
    if (stats !== undefined && !stats.isFile()) throw notAFile(path, stats);
    if (stats?.size !== sizeBytes) missing.push(name);
  }
  const leftovers = before.files.filter((file) => file.gone);
  const isMoved = before.directory !== directory || (currentDirectory ?? directory) !== directory;
  const action = actionFor(item, before, missing, isMoved || before.name !== item.name);
  return { action, item, directory, currentDirectory, before, missing, leftovers };
}

/** Returns the first of some names that is a directory's. */
async function firstDirectory(root: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if ((await lstatOf(join(root, name)))?.isDirectory()) return name;
  return undefined;
}

function actionFor(
  item: LibraryItem,
  before: RecordedItem,
  missing: readonly string[],
  isRenamed: boolean,
): MirrorStep["action"] {
  if (before.contentVersion === null) return "incomplete";
  if (!isCurrent(before, item)) return "changed";
  if (missing.length > 0) return "incomplete";
  return isRenamed ? "renamed" : "none";
}
