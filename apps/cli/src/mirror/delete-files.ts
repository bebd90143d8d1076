import { rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { onDisk, systemCode } from "@carrel/node-stream/internal";
import { lookAt, sizeOf } from "./local-files.ts";
import type { Mirror } from "./mirror.ts";
import type { MirroredFile, MirroredItem } from "./mirrored-item.ts";

/** Deletes what mirror put there of an item, and its folder unless something else is in it. */
export async function deleteItem(mirror: Mirror, { id, folder, files }: MirroredItem): Promise<void> {
  const path = join(mirror.root, folder);
  await deleteFiles(mirror, folder, files);
  await onDisk("delete", path, () => rmdir(path).catch(ignoreForeign));
  await mirror.manifest.update((items) => items.delete(id));
}

/** Deletes files that an item has no more. */
export async function deleteLeftovers(mirror: Mirror, { id, folder, files }: MirroredItem): Promise<void> {
  const gone = files.filter((file) => file.gone);
  if (gone.length === 0) return;
  await deleteFiles(mirror, folder, gone);
  await mirror.manifest.update((items) => {
    const now = items.get(id);
    if (now !== undefined) items.set(id, { ...now, files: now.files.filter((file) => !file.gone) });
  });
}

/** What is no plain file, or has another size than mirror's, is somebody else's and stays. */
async function deleteFiles({ root, lock }: Mirror, folder: string, files: readonly MirroredFile[]): Promise<void> {
  await lock.assertHeld();
  // Never through a link that leads elsewhere.
  if (!(await lookAt(join(root, folder)))?.isDirectory()) return;
  for (const { name, sizeBytes } of files) {
    const path = join(root, folder, name);
    if ((await sizeOf(path)) === sizeBytes) await onDisk("delete", path, () => unlink(path));
  }
}

function ignoreForeign(error: unknown): void {
  if (!["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) throw error;
}
