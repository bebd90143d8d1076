import { defined } from "@carrel/core/kit";
import type { LibraryItem } from "../library/library.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import type { ChosenDirectory } from "./published-directories.ts";
import { isCurrent, possibleDirectories } from "../record/record-text.ts";
import type { RecordedFile, RecordedItem } from "../record/record-text.ts";
import type { MirrorAction } from "../report.ts";

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
  /** Present where subscribers may be reading the directory that it has now: see `ChosenDirectory`. */
  readonly freeDirectory?: () => Promise<string>;
}

/**
 * Compares an item with what the directory holds of it.
 * @param chosen - The directory that it shall have.
 * @param isInUse - Whether that is the directory of another item.
 * @throws {@link MirrorError} `through-link`, `obstacle`: something else has the name of its directory or of a file.
 */
export async function compareItem(
  place: MirrorPlace,
  item: LibraryItem,
  before: RecordedItem | undefined,
  { directory, freeDirectory }: ChosenDirectory,
  isInUse: boolean,
): Promise<MirrorStep> {
  if (before === undefined) {
    if (!isInUse) await place.hasDirectory(directory);
    return { action: "new", item, directory, currentDirectory: undefined, before, missing: [], leftovers: [] };
  }
  const candidates = [...possibleDirectories(before), ...(isInUse || freeDirectory ? [] : [directory])];
  const currentDirectory = await firstDirectory(place, candidates);
  if (currentDirectory === undefined) for (const name of candidates) await place.hasDirectory(name);
  const missing: string[] = [];
  for (const { name, sizeBytes, gone } of before.files) {
    if (gone) continue;
    const found = currentDirectory === undefined ? undefined : await place.sizeOfFile(currentDirectory, name);
    if (found !== sizeBytes) missing.push(name);
  }
  const leftovers = before.files.filter((file) => file.gone);
  const isMoved = before.directory !== directory || (currentDirectory ?? directory) !== directory;
  const action = actionFor(item, before, missing, isMoved || before.name !== item.name);
  return { action, item, directory, currentDirectory, before, missing, leftovers, ...defined({ freeDirectory }) };
}

/** Returns the first of some names that is a directory's. */
async function firstDirectory(place: MirrorPlace, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if ((await place.kindOf(name)) === "directory") return name;
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
