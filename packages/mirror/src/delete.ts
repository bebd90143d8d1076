import { readdir, rm, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { onDisk, quote, systemCode } from "@carrel/node-stream/fs";
import { MirrorError } from "./errors.ts";
import type { LibraryItem } from "./library.ts";
import { sizeOf, lstatOf, unusableIncoming } from "./local-files.ts";
import type { Mirror } from "./mirror.ts";
import { incomingDirectoryFor, incomingName } from "./names.ts";
import { placesOf } from "./record.ts";
import type { RecordedFile, RecordedItem } from "./record.ts";

/** What is to be deleted, or was. */
export interface Deletion {
  readonly files: readonly RecordedFile[];
  /** Files that were modified here. They stay, and no longer belong to the mirror. */
  readonly kept: readonly RecordedFile[];
}

/**
 * Finds what would be deleted of the files that the mirror put there of an item. What is not a plain file, or has another
 * size than the mirror's, is somebody else's and stays.
 * @throws {@link MirrorError} `gone-through-link`.
 */
export async function lookAtDeletion(
  root: string,
  item: RecordedItem,
  wanted: readonly RecordedFile[],
): Promise<Deletion & { readonly place: string | undefined }> {
  const place = await placeOf(root, item);
  const files: RecordedFile[] = [];
  const kept: RecordedFile[] = [];
  for (const file of place === undefined ? [] : wanted) {
    const sizeBytes = await sizeOf(join(root, place ?? item.directory, file.name));
    if (sizeBytes === file.sizeBytes) files.push(file);
    else if (sizeBytes !== undefined) kept.push(file);
  }
  return { files, kept, place };
}

/** Deletes what the mirror put there of an item, and its directory unless something else is in it. */
export async function deleteItem(mirror: Mirror, item: RecordedItem): Promise<Deletion> {
  const { place, ...deletion } = await deleteFiles(mirror, item, item.files);
  if (place !== undefined) {
    const path = join(mirror.root, place);
    await onDisk("delete", path, () => rmdir(path).catch(ignoreForeign));
  }
  await mirror.record.update((items) => items.delete(item.id));
  return deletion;
}

/** Deletes files that an item no longer has. */
export async function deleteLeftovers(mirror: Mirror, item: RecordedItem): Promise<Deletion> {
  const gone = item.files.filter((file) => file.gone);
  if (gone.length === 0) return { files: [], kept: [] };
  const { files, kept } = await deleteFiles(mirror, item, gone);
  await mirror.record.update((items) => {
    const now = items.get(item.id);
    if (now !== undefined) items.set(item.id, { ...now, files: now.files.filter((file) => !file.gone) });
  });
  return { files, kept };
}

async function deleteFiles(
  { root, lock }: Mirror,
  item: RecordedItem,
  files: readonly RecordedFile[],
): ReturnType<typeof lookAtDeletion> {
  await lock.assertHeld();
  const deletion = await lookAtDeletion(root, item, files);
  for (const { name } of deletion.files) {
    const path = join(root, deletion.place ?? item.directory, name);
    await lock.assertHeld();
    await onDisk("delete", path, () => unlink(path));
  }
  return deletion;
}

async function placeOf(root: string, item: RecordedItem): Promise<string | undefined> {
  for (const name of placesOf(item)) {
    const path = join(root, name);
    const stats = await lstatOf(path);
    if (stats?.isDirectory()) return name;
    if (!stats?.isSymbolicLink()) continue;
    throw new MirrorError(`Cannot delete ${quote(path)}, which no longer exists on the server: it is a symbolic link`, {
      problem: "gone-through-link",
      path,
    });
  }
  return undefined;
}

function ignoreForeign(error: unknown): void {
  if (!["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) throw error;
}

/**
 * Deletes partial downloads of content versions that are no longer wanted.
 * @param unsure - Ids of items of which it is not known what is wanted: theirs stay.
 * @throws {@link MirrorError} `obstacle`: they are not kept in the mirror itself; nothing is deleted through a link.
 */
export async function deleteOldDownloads(
  { root, lock }: Mirror,
  wanted: readonly LibraryItem[],
  unsure: readonly string[],
): Promise<void> {
  const path = join(root, incomingName);
  const stats = await lstatOf(path);
  if (stats === undefined) return;
  if (!stats.isDirectory() || !lock.isOwn(stats)) throw unusableIncoming(path, stats);
  const names = new Set(wanted.map(incomingDirectoryFor));
  const kept = unsure.map((id) => incomingDirectoryFor({ id, contentVersion: "" }));
  await lock.assertHeld();
  await onDisk("delete", path, async () => {
    const found = await readdir(path);
    const old = found.filter((name) => !names.has(name) && !kept.some((prefix) => name.startsWith(prefix)));
    await Promise.all(old.map((name) => rm(join(path, name), { recursive: true, force: true })));
    // Where nothing is left; another run makes it again.
    await rmdir(path).catch(() => undefined);
  });
}
