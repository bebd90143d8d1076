import { nameKey, quote } from "@carrel/node-stream/fs";
import type { MirrorStep } from "../plan/compare.ts";
import { copyDirectory, isBegunCopy } from "./copy-directory.ts";
import type { Moving } from "./copy-directory.ts";
import { concernsOneItem, MirrorError } from "../errors.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import type { Mirror } from "../record/mirror.ts";
import { parkingFor } from "../place/names.ts";
import type { RecordedItem } from "../record/record-text.ts";
import type { FailedItem } from "../report.ts";

/**
 * Gives the directories of renamed items their new names, in an order that makes room, also where items swapped their names.
 * `onMoved` is called for each that has its new name.
 * @returns Those that cannot have it.
 */
export async function moveDirectories(
  mirror: Mirror,
  steps: readonly MirrorStep[],
  { onMoved, signal }: { readonly onMoved: (step: MirrorStep, from: string) => void; readonly signal: AbortSignal },
): Promise<readonly FailedItem[]> {
  const failed: FailedItem[] = [];
  /** Returns whether it is settled: moved, or failed for good. */
  const settle = async (step: Moving, to: string): Promise<boolean> => {
    try {
      if (!(await moveTo(mirror, step, to, signal))) return false;
      if (to === step.directory && step.before.directory !== to) onMoved(step, step.before.directory);
      return true;
    } catch (error) {
      if (!concernsOneItem(error)) throw error;
      failed.push({ item: step.item.name, itemId: step.item.id, error });
      return true;
    }
  };
  let waiting = steps.filter(isMoving);
  while (waiting.length > 0) {
    const stuck: Moving[] = [];
    for (const step of waiting) if (!(await settle(step, step.directory))) stuck.push(step);
    if (stuck.length === waiting.length) {
      const parked = stuck.find(({ currentDirectory }) =>
        stuck.some(({ directory }) => isSame(currentDirectory, directory)),
      );
      if (parked === undefined) {
        failed.push(...stuck.map((step) => nameExists(mirror.place, step)));
        break;
      }
      const parking = parkingFor(parked.item.id);
      const count = failed.length;
      await settle(parked, parking);
      waiting = stuck.flatMap((step) => {
        if (step !== parked) return [step];
        return failed.length > count ? [] : [{ ...step, currentDirectory: parking }];
      });
    } else {
      waiting = stuck;
    }
  }
  return [...failed, ...keptByOthers(mirror, steps, new Set(failed.map(({ itemId }) => itemId)))];
}

function isMoving(step: MirrorStep): step is Moving {
  const { before, item, directory, currentDirectory = directory, freeDirectory } = step;
  return (
    before !== undefined &&
    // What subscribers may be reading is not moved.
    freeDirectory === undefined &&
    (currentDirectory !== directory || before.directory !== directory || before.name !== item.name)
  );
}

async function moveTo(mirror: Mirror, step: Moving, to: string, signal: AbortSignal): Promise<boolean> {
  const { place, record } = mirror;
  const { item, currentDirectory, before } = step;
  if (currentDirectory !== undefined && currentDirectory !== to) {
    // Where only the case changes, the new name may exist because it is the old one.
    const isFree = isSame(currentDirectory, to) || (await place.kindOf(to)) === undefined;
    if (!isFree && !isBegunCopy(mirror, step, to)) return false;
    if (place.renameDirectory === undefined) {
      await copyDirectory(mirror, step, to, signal);
      return true;
    }
    await place.renameDirectory(currentDirectory, to);
  }
  // It is not gone, or an item took its place.
  const { goneSince: _since, ...known } = record.items.get(before.id) ?? before;
  await record.update((items) => items.set(before.id, { ...known, name: item.name, directory: to }));
  return true;
}

/** Finds items whose directory still belongs to another one, which should have moved away. */
function keptByOthers(
  { place, record }: Mirror,
  steps: readonly MirrorStep[],
  failed: ReadonlySet<string>,
): readonly FailedItem[] {
  const owners = Map.groupBy(record.items.values(), ({ directory }) => nameKey(directory));
  return steps.flatMap(({ item, before, directory }) => {
    const others = owners.get(nameKey(directory)) ?? [];
    const owner = others.find(({ id }) => id !== item.id && id !== before?.id);
    return owner === undefined || failed.has(item.id) ? [] : [nameInUse(place, item, owner)];
  });
}

function isSame(one: string | undefined, other: string): boolean {
  return one !== undefined && nameKey(one) === nameKey(other);
}

function nameExists(place: MirrorPlace, { item, before, directory }: Moving): FailedItem {
  const error = new MirrorError(
    `Cannot rename directory ${quote(before.directory)} to ${quote(directory)}: something else has that name`,
    { problem: "name-exists", path: place.locationOf(directory) },
  );
  return { item: item.name, itemId: item.id, error };
}

function nameInUse(place: MirrorPlace, { id, name }: MirrorStep["item"], owner: RecordedItem): FailedItem {
  const error = new MirrorError(
    `Cannot use directory ${quote(owner.directory)}: it still belongs to item ${quote(owner.name)}`,
    { problem: "name-in-use", path: place.locationOf(owner.directory) },
  );
  return { item: name, itemId: id, error };
}
