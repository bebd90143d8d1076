import type { MirrorStep } from "../plan/compare.ts";
import { deleteSpare, withSpares } from "../plan/delete.ts";
import type { Mirror } from "../record/mirror.ts";
import { incomingDirectoryFor } from "../place/names.ts";
import type { RecordedItem, SpareDirectory } from "../record/record-text.ts";

/** An item that the record knows, and whose directory is to have another name. */
export type Moving = MirrorStep & { readonly before: RecordedItem };

/** Returns whether a directory is a copy that a killed run had begun, of the directory that an item has. */
export function isBegunCopy({ record }: Mirror, { before }: Moving, directory: string): boolean {
  const spares = record.items.get(before.id)?.spares ?? [];
  return spares.some((spare) => spare.coming !== undefined && spare.directory === directory);
}

/**
 * Moves the files of an item to another directory one by one, in a place that cannot rename. The record names the copy before it is
 * begun, then the copy in place of the original, and then the original no more: a run that is killed anywhere leaves one of
 * them whole, and the next one finds the other by the record.
 */
export async function copyDirectory(
  mirror: Mirror,
  { item, before, currentDirectory }: Moving,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const { place, record } = mirror;
  const { goneSince: _gone, ...known } = record.items.get(before.id) ?? before;
  const from = currentDirectory ?? before.directory;
  const { files, spares = [], contentVersion } = known;
  const others = spares.filter(({ directory }) => directory !== to);
  const copy: SpareDirectory = { itemId: item.id, directory: to, files, coming: contentVersion ?? "" };
  await record.update((items) => items.set(before.id, withSpares(known, [...others, copy])));
  await using incoming = place.incoming(incomingDirectoryFor(item), to);
  for (const { name, sizeBytes } of files) {
    signal.throwIfAborted();
    // What is missing is downloaded to its new place.
    if ((await place.sizeOf(from, name)) !== sizeBytes || (await place.sizeOf(to, name)) === sizeBytes) continue;
    await incoming.putTwin(from, name, to, signal);
  }
  const earlier = { itemId: before.id, directory: from, files, unlistedSince: new Date().toISOString() };
  const moved = { ...known, name: item.name, directory: to };
  await record.update((items) => items.set(before.id, withSpares(moved, [...others, earlier])));
  await deleteSpare(mirror, moved, earlier, signal);
}
