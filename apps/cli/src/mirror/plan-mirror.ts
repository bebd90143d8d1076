import { join } from "node:path";
import { nameKey } from "@carrel/node-stream/internal";
import { CliError } from "../cli-error.ts";
import { exitCodes } from "../exit-code.ts";
import type { ItemFailure } from "../item-failures.ts";
import { printable } from "../output/printable.ts";
import type { LibraryItem } from "./library-items.ts";
import { lookAt, sizeOf } from "./local-files.ts";
import { folderNameFor, parkingFor } from "./mirror-paths.ts";
import type { MirroredFile, MirroredItem } from "./mirrored-item.ts";

/** What is to be done about an item; `incomplete` where files are missing, or have another size. */
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
  /** Names of files that should be there and are not. */
  readonly missing: readonly string[];
  /** Files that the item has no more. */
  readonly leftovers: readonly MirroredFile[];
}

/** A library compared with its mirror. */
export interface MirrorPlan {
  readonly steps: readonly MirrorStep[];
  readonly failures: readonly ItemFailure[];
  /** What mirror put there of items that the library has no more. */
  readonly gone: readonly MirroredItem[];
  /** Items whose files are not in the library. */
  readonly leftOut: readonly LibraryItem[];
}

/**
 * Compares items with what is in a folder.
 * @param listed - Ids of all items of the library, also of those that could not be looked at.
 */
export async function planMirror(
  root: string,
  items: readonly LibraryItem[],
  listed: ReadonlySet<string>,
  mirrored: ReadonlyMap<string, MirroredItem>,
): Promise<MirrorPlan> {
  const leftOut = items.filter(isTemplate);
  const wanted = Map.groupBy(
    items.filter((item) => !isTemplate(item)),
    (item) => nameKey(folderNameFor(item)),
  );
  const gone = new Map([...mirrored.values()].filter(({ id }) => !listed.has(id)).map((item) => [item.id, item]));
  const steps: MirrorStep[] = [];
  const failures: ItemFailure[] = [];
  for (const [key, sharing] of wanted) {
    const [item] = sharing;
    if (item === undefined) continue;
    if (sharing.length > 1) {
      failures.push(...sharing.map((one) => ({ id: one.id, name: one.name, error: clash(sharing) })));
      continue;
    }
    const own = mirrored.get(item.id);
    // Deleted and made anew under the same name, as image pipelines do it: the folder stays, its content changes.
    const before = own ?? [...gone.values()].find(({ folder }) => nameKey(folder) === key);
    if (before !== undefined) gone.delete(before.id);
    const taken = [...mirrored.values()].some((other) => other.id !== before?.id && nameKey(other.folder) === key);
    steps.push(await compare(root, item, before, taken));
  }
  return { steps, failures, gone: [...gone.values()], leftOut };
}

async function compare(
  root: string,
  item: LibraryItem,
  before: MirroredItem | undefined,
  taken: boolean,
): Promise<MirrorStep> {
  const folder = folderNameFor(item);
  if (before === undefined) {
    return { action: "new", item, folder, place: undefined, before, missing: [], leftovers: [] };
  }
  // Where a run was killed that had just moved it, it is not where the manifest says.
  const place = await firstThere(root, [before.folder, parkingFor(item.id), ...(taken ? [] : [folder])]);
  const missing: string[] = [];
  for (const { name, sizeBytes, gone } of before.files) {
    if (gone) continue;
    if (place === undefined || (await sizeOf(join(root, place, name))) !== sizeBytes) missing.push(name);
  }
  const leftovers = before.files.filter((file) => file.gone);
  const isMoved = before.folder !== folder || (place ?? folder) !== folder;
  const action = actionFor(item, before, missing, isMoved || before.name !== item.name);
  return { action, item, folder, place, before, missing, leftovers };
}

function actionFor(
  item: LibraryItem,
  before: MirroredItem,
  missing: readonly string[],
  isRenamed: boolean,
): MirrorAction {
  if (before.contentVersion === null) return "incomplete";
  if (before.id !== item.id || before.contentVersion !== item.contentVersion) return "changed";
  if (missing.length > 0) return "incomplete";
  return isRenamed ? "renamed" : "none";
}

async function firstThere(root: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if ((await lookAt(join(root, name)))?.isDirectory()) return name;
  return undefined;
}

/** A VM template lies in the inventory; there is nothing of it to download. */
function isTemplate({ type }: LibraryItem): boolean {
  return type === "vm-template";
}

function clash(sharing: readonly LibraryItem[]): CliError {
  const names = sharing.map(({ id, name }) => `"${printable(name)}" (${id})`).join(" and ");
  return new CliError(`The items ${names} would share one folder on some systems. Rename one of them.`, {
    exitCode: exitCodes.failed,
  });
}
