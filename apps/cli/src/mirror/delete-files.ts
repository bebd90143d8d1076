import { rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { onDisk, systemCode } from "@carrel/node-stream/fs";
import { notThroughLink } from "./in-the-way.ts";
import { lookAt, sizeOf } from "./local-files.ts";
import type { Mirror } from "./mirror.ts";
import { placesOf } from "./mirrored-item.ts";
import type { MirroredFile, MirroredItem } from "./mirrored-item.ts";

/** What is to be deleted, or was. */
export interface Deletion {
  readonly files: readonly MirroredFile[];
  /** Files that were changed here. They stay, and are nobody's from then on. */
  readonly kept: readonly MirroredFile[];
}

/**
 * What would be deleted of the files that mirror put there of an item. What is no plain file, or has another size than
 * mirror's, is somebody else's and stays.
 * @throws {@link CliError} there is a link in the place of its folder.
 */
export async function lookAtDeletion(
  root: string,
  item: MirroredItem,
  wanted: readonly MirroredFile[],
): Promise<Deletion & { readonly place: string | undefined }> {
  const place = await placeOf(root, item);
  const files: MirroredFile[] = [];
  const kept: MirroredFile[] = [];
  for (const file of place === undefined ? [] : wanted) {
    const sizeBytes = await sizeOf(join(root, place ?? item.folder, file.name));
    if (sizeBytes === file.sizeBytes) files.push(file);
    else if (sizeBytes !== undefined) kept.push(file);
  }
  return { files, kept, place };
}

/** Deletes what mirror put there of an item, and its folder unless something else is in it. */
export async function deleteItem(mirror: Mirror, item: MirroredItem): Promise<Deletion> {
  const { place, ...deletion } = await deleteFiles(mirror, item, item.files);
  if (place !== undefined) {
    const path = join(mirror.root, place);
    await onDisk("delete", path, () => rmdir(path).catch(ignoreForeign));
  }
  await mirror.manifest.update((items) => items.delete(item.id));
  return deletion;
}

/** Deletes files that an item has no more. */
export async function deleteLeftovers(mirror: Mirror, item: MirroredItem): Promise<Deletion> {
  const gone = item.files.filter((file) => file.gone);
  if (gone.length === 0) return { files: [], kept: [] };
  const { files, kept } = await deleteFiles(mirror, item, gone);
  await mirror.manifest.update((items) => {
    const now = items.get(item.id);
    if (now !== undefined) items.set(item.id, { ...now, files: now.files.filter((file) => !file.gone) });
  });
  return { files, kept };
}

async function deleteFiles(
  { root, lock }: Mirror,
  item: MirroredItem,
  files: readonly MirroredFile[],
): ReturnType<typeof lookAtDeletion> {
  await lock.assertHeld();
  const deletion = await lookAtDeletion(root, item, files);
  for (const { name } of deletion.files) {
    const path = join(root, deletion.place ?? item.folder, name);
    await lock.assertHeld();
    await onDisk("delete", path, () => unlink(path));
  }
  return deletion;
}

async function placeOf(root: string, item: MirroredItem): Promise<string | undefined> {
  for (const name of placesOf(item)) {
    const stats = await lookAt(join(root, name));
    if (stats?.isDirectory()) return name;
    if (stats?.isSymbolicLink()) throw notThroughLink(join(root, name));
  }
  return undefined;
}

function ignoreForeign(error: unknown): void {
  if (!["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) throw error;
}
