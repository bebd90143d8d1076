import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { onDisk } from "@carrel/node-stream/fs";
import { notIncoming } from "./in-the-way.ts";
import type { LibraryItem } from "./library-items.ts";
import { lookAt } from "./local-files.ts";
import { incomingFolderFor, incomingName } from "./mirror-paths.ts";
import type { Mirror } from "./mirror.ts";

/**
 * Deletes what arrived of content versions that nobody wants any more.
 * @param unsure - Ids of items of which it is not known what is wanted: theirs stays.
 * @throws {@link CliError} what arrives is not kept in the mirror itself: nothing is deleted through a link.
 */
export async function tidyIncoming(
  { root, lock }: Pick<Mirror, "root" | "lock">,
  wanted: readonly LibraryItem[],
  unsure: readonly string[],
): Promise<void> {
  const path = join(root, incomingName);
  const stats = await lookAt(path);
  if (stats === undefined) return;
  if (!stats.isDirectory() || !lock.isOwn(stats)) throw notIncoming(path, stats);
  const names = new Set(wanted.map(incomingFolderFor));
  const kept = unsure.map((id) => incomingFolderFor({ id, contentVersion: "" }));
  await lock.assertHeld();
  await onDisk("delete", path, async () => {
    const found = await readdir(path);
    const old = found.filter((name) => !names.has(name) && !kept.some((prefix) => name.startsWith(prefix)));
    await Promise.all(old.map((name) => rm(join(path, name), { recursive: true, force: true })));
    // Where nothing is left; another run makes it again.
    await rmdir(path).catch(() => undefined);
  });
}
