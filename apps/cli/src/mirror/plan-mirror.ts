import { nameKey } from "@carrel/node-stream/fs";
import { CliError } from "../process/cli-error.ts";
import { exitCodes } from "../process/exit-code.ts";
import type { ItemFailure } from "../run/item-failures.ts";
import { folderNameFor } from "../names/folder-name.ts";
import { printable } from "../output/printable.ts";
import { compareItem } from "./compare-item.ts";
import type { MirrorStep } from "./compare-item.ts";
import type { LibraryItem } from "./library-items.ts";
import type { MirroredItem } from "./mirrored-item.ts";
import type { Verification } from "./verification.ts";

/** A library compared with its mirror. */
export interface MirrorPlan {
  readonly steps: readonly MirrorStep[];
  readonly failures: readonly ItemFailure[];
  /** What mirror put there of items that the library has no more. */
  readonly gone: readonly MirroredItem[];
  /** Items whose files are not in the library. */
  readonly leftOut: readonly LibraryItem[];
  /** What came of reading the files that are there, where that was asked for. */
  readonly verified?: Verification;
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
    try {
      steps.push(await compareItem(root, item, before, taken));
    } catch (error) {
      failures.push({ id: item.id, name: item.name, error });
    }
  }
  return { steps, failures, gone: [...gone.values()], leftOut };
}

/** A VM template lies in the inventory; there is nothing of it to download. */
function isTemplate({ type }: LibraryItem): boolean {
  return type === "vm-template";
}

function clash(sharing: readonly LibraryItem[]): CliError {
  const names = sharing.map(({ id, name }) => `"${printable(name)}" (${id})`).join(" and ");
  return new CliError(`The items ${names} would share one directory on some file systems`, {
    exitCode: exitCodes.failed,
  });
}
