import { join } from "node:path";
import { durableRename, nameKey, onDisk } from "@carrel/node-stream/internal";
import { CliError } from "../cli-error.ts";
import { exitCodes } from "../exit-code.ts";
import type { ItemFailure } from "../item-failures.ts";
import { printable } from "../output/printable.ts";
import { lookAt } from "./local-files.ts";
import type { Mirror } from "./mirror.ts";
import { parkingFor } from "./mirror-paths.ts";
import type { MirrorStep } from "./plan-mirror.ts";

type Moving = MirrorStep & { readonly before: NonNullable<MirrorStep["before"]> };

/**
 * Gives the folders of renamed items their new names, in an order that makes room, also where items swapped their names.
 * @returns Those whose name is taken by something else.
 */
export async function moveFolders(mirror: Mirror, steps: readonly MirrorStep[]): Promise<readonly ItemFailure[]> {
  let waiting = steps
    .filter((step): step is Moving => step.before !== undefined)
    .filter(
      ({ before, item, folder, place = folder }) =>
        place !== folder || before.folder !== folder || before.name !== item.name,
    );
  while (waiting.length > 0) {
    const stuck: Moving[] = [];
    for (const step of waiting) if (!(await moveTo(mirror, step, step.folder))) stuck.push(step);
    if (stuck.length === waiting.length) {
      const parked = stuck.find(({ place }) => stuck.some(({ folder }) => isSame(place, folder)));
      if (parked === undefined) return stuck.map(blocked);
      await moveTo(mirror, parked, parkingFor(parked.item.id));
      waiting = stuck.map((step) => (step === parked ? { ...step, place: parkingFor(step.item.id) } : step));
    } else {
      waiting = stuck;
    }
  }
  return [];
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
