import { quote } from "@carrel/node-stream/fs";
import { deleteItemFile } from "@carrel/vcsp";
import type { LibraryPlace } from "@carrel/vcsp";
import { MirrorError } from "../errors.ts";
import type { Grace } from "./gone.ts";
import type { MirrorPlace } from "../place/mirror-place.ts";
import type { Mirror } from "../record/mirror.ts";
import { areIsos, isoItemFor } from "../record/published-ids.ts";
import type { MirrorStep } from "./compare.ts";
import { incomingDirectoryFor } from "../place/names.ts";
import { possibleDirectories } from "../record/record-text.ts";
import type { RecordedFile, RecordedItem, SpareDirectory } from "../record/record-text.ts";

/** The files that are to be deleted, or were. */
export interface Deletion {
  readonly files: readonly RecordedFile[];
  /** Files that were modified locally. They are kept, and no longer belong to the mirror. */
  readonly kept: readonly RecordedFile[];
}

/**
 * Finds the files of an item that can be deleted. Files whose size is not the recorded one were modified locally and are kept;
 * what is not a plain file is left alone.
 * @throws {@link MirrorError} `gone-through-link`.
 */
export async function findDeletion(
  place: MirrorPlace,
  item: RecordedItem,
  wanted: readonly RecordedFile[],
  directories: readonly string[] = possibleDirectories(item),
): Promise<Deletion & { readonly currentDirectory: string | undefined }> {
  const currentDirectory = await directoryOf(place, directories);
  const files: RecordedFile[] = [];
  const kept: RecordedFile[] = [];
  for (const file of currentDirectory === undefined ? [] : wanted) {
    const sizeBytes = await place.sizeOf(currentDirectory ?? item.directory, file.name);
    if (sizeBytes === file.sizeBytes) files.push(file);
    else if (sizeBytes !== undefined) kept.push(file);
  }
  return { files, kept, currentDirectory };
}

/** Deletes the files of an item, and its directories unless something else is in them. */
export async function deleteItem(mirror: Mirror, item: RecordedItem, signal: AbortSignal): Promise<Deletion> {
  const deletions: Deletion[] = [];
  for (const spare of item.spares ?? []) deletions.push(await deleteSpare(mirror, item, spare, signal));
  const { currentDirectory, ...deletion } = await deleteFiles(mirror, item, item.files, signal);
  if (currentDirectory !== undefined) await deleteDirectory(mirror, item, currentDirectory);
  await mirror.record.update((items) => items.delete(item.id));
  deletions.push(deletion);
  return { files: deletions.flatMap(({ files }) => files), kept: deletions.flatMap(({ kept }) => kept) };
}

/** Deletes a directory that nothing which is published leads to any more, unless something else is in it. */
export async function deleteSpare(
  mirror: Mirror,
  item: RecordedItem,
  spare: SpareDirectory,
  signal: AbortSignal,
): Promise<Deletion> {
  const { directory, files } = spare;
  const { currentDirectory, ...deletion } = await deleteFiles(mirror, { ...item, directory }, files, signal, [
    directory,
  ]);
  if (currentDirectory !== undefined) await deleteDirectory(mirror, { id: item.id, files }, currentDirectory);
  await mirror.record.update((items) => {
    const now = items.get(item.id);
    if (now !== undefined)
      items.set(
        item.id,
        withSpares(
          now,
          (now.spares ?? []).filter((each) => each.directory !== directory),
        ),
      );
  });
  return deletion;
}

/** An item with other spare directories. */
export function withSpares(item: RecordedItem, spares: readonly SpareDirectory[]): RecordedItem {
  const { spares: _before, ...rest } = item;
  return spares.length === 0 ? rest : { ...rest, spares };
}

async function deleteDirectory(
  { place, record }: Mirror,
  item: Pick<RecordedItem, "id" | "files">,
  directory: string,
): Promise<void> {
  if (record.publish !== undefined) await deleteItemFiles(place, place.library, { ...item, directory });
  await place.deleteDirectory(directory);
}

/** Deletes the descriptions of an item in its directory, and of those that its ISOs were published as. */
export async function deleteItemFiles(
  place: MirrorPlace,
  library: LibraryPlace,
  { id, directory, files }: Pick<RecordedItem, "id" | "directory" | "files">,
): Promise<void> {
  await deleteItemFile(library, directory);
  if (!areIsos(files)) return;
  for (const { name } of files) {
    const { directory: own } = isoItemFor(id, directory, name);
    await deleteItemFile(library, own);
    await place.deleteDirectory(own);
  }
}

/** Deletes files that an item no longer has, and that have been gone for long enough. */
export async function deleteLeftovers(
  mirror: Mirror,
  item: RecordedItem,
  grace: Grace,
  signal: AbortSignal,
): Promise<Deletion> {
  const gone = item.files.filter((file) => file.gone && grace.isOver(file));
  if (gone.length === 0) return { files: [], kept: [] };
  const { files, kept } = await deleteFiles(mirror, item, gone, signal);
  const names = new Set(gone.map(({ name }) => name));
  await mirror.record.update((items) => {
    const now = items.get(item.id);
    if (now !== undefined) items.set(item.id, { ...now, files: now.files.filter(({ name }) => !names.has(name)) });
  });
  return { files, kept };
}

async function deleteFiles(
  { place, lock, backup }: Mirror,
  item: RecordedItem,
  files: readonly RecordedFile[],
  signal: AbortSignal,
  directories?: readonly string[],
): ReturnType<typeof findDeletion> {
  await lock.assertHeld();
  const deletion = await findDeletion(place, item, files, directories);
  for (const { name } of deletion.files) {
    const directory = deletion.currentDirectory ?? item.directory;
    await backup?.keep(place.locationOf(directory, name), item.directory, name, signal);
    await place.deleteFile(directory, name);
  }
  return deletion;
}

async function directoryOf(place: MirrorPlace, directories: readonly string[]): Promise<string | undefined> {
  for (const name of directories) {
    const kind = await place.kindOf(name);
    if (kind === "directory") return name;
    if (kind !== "link") continue;
    const path = place.locationOf(name);
    throw new MirrorError(`Cannot delete ${quote(path)}, which no longer exists on the server: it is a symbolic link`, {
      problem: "gone-through-link",
      path,
    });
  }
  return undefined;
}

/**
 * Deletes partial downloads of content versions that are no longer wanted.
 * @param unsure - Ids of items that failed before it was known which version they need: theirs are kept.
 */
export async function deleteOldDownloads(
  { place }: Mirror,
  wanted: readonly MirrorStep[],
  unsure: readonly string[],
): Promise<void> {
  const directories = new Map(wanted.map(({ item, directory }) => [incomingDirectoryFor(item), directory]));
  const kept = unsure.map((id) => incomingDirectoryFor({ id, contentVersion: "" }));
  await place.deleteDownloads((name, directory) => {
    const isWanted = directories.has(name) && (directory ?? directories.get(name)) === directories.get(name);
    return isWanted || kept.some((prefix) => name.startsWith(prefix));
  });
}
