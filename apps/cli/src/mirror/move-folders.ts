import { join } from "node:path";
import { durableRename, LockLostError, nameKey, onDisk } from "@carrel/node-stream/fs";
import { CliError } from "../process/cli-error.ts";
import { exitCodes } from "../process/exit-code.ts";
import type { ItemFailure } from "../run/item-failures.ts";
import { printable } from "../output/printable.ts";
import type { MirrorStep } from "./compare-item.ts";
import { lookAt } from "./local-files.ts";
import type { Mirror } from "./mirror.ts";
import { parkingFor } from "./mirror-paths.ts";
import type { MirroredItem } from "./mirrored-item.ts";

type Moving = MirrorStep & { readonly before: MirroredItem };

/**
 * Gives the folders of renamed items their new names, in an order that makes room, also where items swapped their names.
 * @returns Those that cannot have their folder.
 */
export async function moveFolders(mirror: Mirror, steps: readonly MirrorStep[]): Promise<readonly ItemFailure[]> {
  const failures: ItemFailure[] = [];
  /** Whether there is nothing more to try. */
  const settle = async (step: Moving, to: string): Promise<boolean> => {
    try {
      return await moveTo(mirror, step, to);
    } catch (error) {
      if (error instanceof LockLostError) throw error;
      failures.push({ ...step.item, error });
      return true;
    }
  };
  let waiting = steps.filter(isMoving);
  while (waiting.length > 0) {
    const stuck: Moving[] = [];
    for (const step of waiting) if (!(await settle(step, step.folder))) stuck.push(step);
    if (stuck.length === waiting.length) {
      const parked = stuck.find(({ place }) => stuck.some(({ folder }) => isSame(place, folder)));
      if (parked === undefined) {
        failures.push(...stuck.map(blocked));
        break;
      }
      const parking = parkingFor(parked.item.id);
      const count = failures.length;
      await settle(parked, parking);
      waiting = stuck.flatMap((step) => {
        if (step !== parked) return [step];
        return failures.length > count ? [] : [{ ...step, place: parking }];
      });
    } else {
      waiting = stuck;
    }
  }
  return [...failures, ...heldByOthers(mirror, steps, new Set(failures.map(({ id }) => id)))];
}

function isMoving(step: MirrorStep): step is Moving {
  const { before, item, folder, place = folder } = step;
  return before !== undefined && (place !== folder || before.folder !== folder || before.name !== item.name);
}

async function moveTo({ root, lock, manifest }: Mirror, { item, place, before }: Moving, to: string): Promise<boolean> {
  const target = join(root, to);
  if (place !== undefined && place !== to) {
    // A change of case only is in nobody's way but its own.
    if (!isSame(place, to) && (await lookAt(target)) !== undefined) return false;
    await lock.assertHeld();
    await onDisk("rename", join(root, place), () => durableRename(join(root, place), target));
  }
  await manifest.update((items) => items.set(before.id, { ...before, name: item.name, folder: to }));
  return true;
}

/** Items whose folder is still that of another one, which should have moved away. */
function heldByOthers(
  { manifest }: Mirror,
  steps: readonly MirrorStep[],
  failed: ReadonlySet<string>,
): readonly ItemFailure[] {
  const holders = Map.groupBy(manifest.items.values(), ({ folder }) => nameKey(folder));
  return steps.flatMap(({ item, before, folder }) => {
    const others = holders.get(nameKey(folder)) ?? [];
    const holder = others.find(({ id }) => id !== item.id && id !== before?.id);
    return holder === undefined || failed.has(item.id) ? [] : [held(item, holder)];
  });
}

function isSame(one: string | undefined, other: string): boolean {
  return one !== undefined && nameKey(one) === nameKey(other);
}

function blocked({ item, before, folder }: Moving): ItemFailure {
  const message =
    `It is called "${printable(item.name)}" now, but there is something else where its folder ` +
    `"${printable(before.folder)}" should go: "${printable(folder)}".`;
  const hints = ["Move that away. What is left of an item that is gone on the server, --delete removes."];
  return { id: item.id, name: item.name, error: new CliError(message, { exitCode: exitCodes.failed, hints }) };
}

function held({ id, name }: MirrorStep["item"], holder: MirroredItem): ItemFailure {
  const message = `Its folder "${printable(holder.folder)}" is still that of "${printable(holder.name)}".`;
  const hints = ["Another item now uses that directory and could not be moved (see its error)."];
  return { id, name, error: new CliError(message, { exitCode: exitCodes.failed, hints }) };
}
