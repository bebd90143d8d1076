import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "./fs-error.ts";

/** Codes with which systems say that folders cannot be synced. */
const cannotSyncFolders: ReadonlySet<string | undefined> = new Set([
  "EINVAL",
  "ENOTSUP",
  "EISDIR",
  "EPERM",
  "EACCES",
  "EBADF",
]);

/**
 * Renames a synced file within its folder so that the new name survives a power cut: the folder is synced as well,
 * where the system can do that. Replaces what has the new name.
 */
export async function durableRename(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

async function syncFolder(folder: string): Promise<void> {
  // Windows has no such call; its file system journals names by itself.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    if (!cannotSyncFolders.has(systemCode(error))) throw error;
  } finally {
    await handle.close();
  }
}
