import { nameKey, quote } from "@carrel/node-stream/fs";
import { libraryFiles } from "@carrel/node-stream/task";
import type { Overcome } from "@carrel/node-stream/task";
import { compareItem } from "./compare.ts";
import type { MirrorStep } from "./compare.ts";
import { findDeletion } from "./delete.ts";
import { concernsOneItem, MirrorError } from "../errors.ts";
import type { Grace } from "./gone.ts";
import { libraryItems } from "../library/library.ts";
import type { LibraryItem, LibraryReading } from "../library/library.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import type { MirrorSource } from "../library/mirror-source.ts";
import { directoryNameFor } from "../place/names.ts";
import { publishedNameFor, PublishedDirectories } from "./published-directories.ts";
import { isCurrent, sumOf } from "../record/record-text.ts";
import type { LibraryName, RecordedFile, RecordedItem } from "../record/record-text.ts";
import type { FailedItem, ItemName, MirrorPlan, PlannedDeletion, Verification } from "../report.ts";
import { isSelected, isSelectedByName } from "../library/selection.ts";
import type { ItemSelection } from "../library/selection.ts";

/** A library compared with its mirror. */
export interface Comparison {
  readonly steps: readonly MirrorStep[];
  readonly failed: readonly FailedItem[];
  /** What the mirror put there of items that the library no longer has. */
  readonly gone: readonly RecordedItem[];
  readonly templates: readonly LibraryItem[];
  /** Items that are not selected. */
  readonly excluded: readonly LibraryItem[];
  /** Present where the files were read. */
  readonly verified?: Verification;
}

/** What a library is compared with. */
export interface CompareOptions extends LibraryReading {
  /** Absolute path. */
  readonly place: MirrorPlace;
  readonly recorded: ReadonlyMap<string, RecordedItem>;
  /** Whether items that no longer exist are going to be deleted. */
  readonly delete: boolean;
  readonly select: ItemSelection;
  /** Whether what is published leads to a directory; absent where the mirror is not published. */
  readonly isListed?: (directory: string) => boolean;
}

/**
 * Compares a library with its mirror. Costs one call, and one more for each item.
 * @throws {@link MirrorError} `library-empty`.
 */
export async function compareLibrary(
  source: MirrorSource,
  library: LibraryName,
  options: CompareOptions,
): Promise<Comparison> {
  const { place, recorded } = options;
  const { items, unseen } = await libraryItems(source, library.id, options);
  const listed = new Set([...items, ...unseen].map(({ id }) => id));
  // A user who lost the right to see a library sees an empty one.
  if (options.delete && listed.size === 0 && recorded.size > 0) {
    throw new MirrorError(
      `Cannot delete items from ${quote(place.location)}: library ${quote(library.name)} shows no items any more`,
      {
        problem: "library-empty",
        path: place.location,
      },
    );
  }
  const comparison = await compareItems(items, listed, options);
  const failed = unseen.map(({ id, error }) => ({ itemId: id, item: recorded.get(id)?.name ?? id, error }));
  return { ...comparison, failed: [...failed, ...comparison.failed] };
}

/** `listed` has the ids of all items of the library, also of those that could not be read. */
async function compareItems(
  items: readonly LibraryItem[],
  listed: ReadonlySet<string>,
  { place, recorded, select, signal, isListed }: CompareOptions,
): Promise<Comparison> {
  const nameFor = isListed === undefined ? directoryNameFor : publishedNameFor;
  const { true: selected = [], false: excluded = [] } = Object.groupBy(items, (item) => `${isSelected(item, select)}`);
  const templates = selected.filter(isTemplate);
  const wanted = Map.groupBy(
    selected.filter((item) => !isTemplate(item)),
    (item) => nameKey(nameFor(item)),
  );
  const chosen = isListed && new PublishedDirectories(place, recorded, items, isListed);
  const isGone = ({ id, name }: RecordedItem): boolean => !listed.has(id) && isSelectedByName(name, select);
  const gone = new Map([...recorded.values()].filter(isGone).map((item) => [item.id, item]));
  const steps: MirrorStep[] = [];
  const failed: FailedItem[] = [];
  for (const [key, sharing] of wanted) {
    signal.throwIfAborted();
    const [item] = sharing;
    if (item === undefined) continue;
    if (sharing.length > 1) {
      failed.push(...sharing.map(({ id, name }) => ({ item: name, itemId: id, error: nameClash(sharing) })));
      continue;
    }
    const own = recorded.get(item.id);
    // Deleted and created again under the same name, as image pipelines do it: the directory stays, its content changes.
    const before =
      own ??
      [...gone.values()].find(
        (each) => nameKey(chosen === undefined ? each.directory : publishedNameFor(each)) === key,
      );
    if (before !== undefined) gone.delete(before.id);
    try {
      const target = chosen === undefined ? { directory: directoryNameFor(item) } : await chosen.choose(item, before);
      const isInUse = [...recorded.values()].some(
        (other) => other.id !== before?.id && nameKey(other.directory) === nameKey(target.directory),
      );
      steps.push(await compareItem(place, item, before, target, isInUse));
    } catch (error) {
      if (!concernsOneItem(error)) throw error;
      failed.push({ item: item.name, itemId: item.id, error });
    }
  }
  return { steps, failed, gone: [...gone.values()], templates, excluded };
}

/** The files of a VM template are in the inventory, not in the library. */
function isTemplate({ type }: LibraryItem): boolean {
  return type === "vm-template";
}

function nameClash(sharing: readonly LibraryItem[]): MirrorError {
  const names = sharing.map(({ id, name }) => `${quote(name)} (${id})`).join(" and ");
  return new MirrorError(`Items ${names} would share one directory on some file systems`, { problem: "name-clash" });
}

/** Returns a comparison as a plan. */
export function planOf({ steps, gone, templates, excluded }: Comparison): Omit<MirrorPlan, "space"> {
  const nameOf = ({ id, name }: { readonly id: string; readonly name: string }): ItemName => ({
    item: name,
    itemId: id,
  });
  return {
    items: steps.flatMap(({ action, item, directory }) => {
      if (action === "none") return [];
      const { sizeBytes, cached } = item;
      const size = action !== "renamed" && (cached ? { sizeBytes } : { cached: false as const });
      return [{ action, ...nameOf(item), directory, ...size }];
    }),
    unchanged: steps.filter(({ action }) => action === "none").length,
    gone: gone.map(nameOf),
    templates: templates.map(nameOf),
    excluded: excluded.map(nameOf),
  };
}

/** What deletions are planned with. */
export interface DeletionOptions {
  readonly source: MirrorSource;
  readonly place: MirrorPlace;
  readonly delete: boolean;
  readonly grace: Grace;
  /** Overcomes outages. */
  readonly patiently: Overcome;
  readonly signal: AbortSignal;
}

/**
 * Finds what a run would delete or keep, and what it could not delete. Where it deletes, that costs a call for each item whose
 * content changed.
 */
export async function planDeletions(
  { steps, gone }: Comparison,
  options: DeletionOptions,
): Promise<{ readonly deletions: readonly PlannedDeletion[]; readonly failed: readonly FailedItem[] }> {
  const { place, grace } = options;
  /** What becomes of something that is gone. */
  const fate = (isOver: boolean, deletableAt: number): Pick<PlannedDeletion, "action" | "deletableAt"> => {
    if (!options.delete) return { action: "kept" };
    return isOver ? { action: "delete" } : { action: "kept", deletableAt };
  };
  const deletions: PlannedDeletion[] = [];
  const failed: FailedItem[] = [];
  const attempt = async (name: ItemName, find: () => Promise<readonly PlannedDeletion[]>): Promise<void> => {
    try {
      deletions.push(...(await find()));
    } catch (error) {
      options.signal.throwIfAborted();
      if (!concernsOneItem(error)) throw error;
      failed.push({ ...name, error });
    }
  };
  for (const item of gone) {
    const name = { item: item.name, itemId: item.id };
    await attempt(name, async () => {
      const planned = { ...fate(grace.isItemOver(item), grace.endOfItem(item)), ...name, directory: item.directory };
      if (planned.action === "kept") return [planned];
      const { files } = await findDeletion(place, item, item.files);
      return [{ ...planned, files: files.length, sizeBytes: sumOf(files) }];
    });
  }
  for (const step of steps) {
    const { item, before, directory } = step;
    if (before === undefined) continue;
    const name = { item: item.name, itemId: item.id };
    await attempt(name, async () => {
      const leftovers = [...step.leftovers, ...(options.delete ? await leftoversToBe(step, options) : [])];
      const { files } = await findDeletion(place, before, leftovers);
      return files.map((file) => ({
        ...fate(grace.isOver(file), grace.endOf(file)),
        ...name,
        directory,
        file: file.name,
        sizeBytes: file.sizeBytes,
      }));
    });
  }
  return { deletions, failed };
}

/** Finds files of the version before that the item no longer has, as far as the server states its files. */
async function leftoversToBe(
  { item, before }: MirrorStep,
  { source, patiently, signal }: DeletionOptions,
): Promise<readonly RecordedFile[]> {
  if (before === undefined || isCurrent(before, item)) return [];
  const now = await patiently(() => libraryFiles(() => source.item.file.list(item.id, { signal })), signal);
  if (now === undefined) return [];
  const names = new Set(now.map(({ name }) => name));
  return before.files.filter(({ name, gone }) => !gone && !names.has(name));
}
