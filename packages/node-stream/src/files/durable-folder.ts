import { open } from "node:fs/promises";
import { systemCode } from "./fs-error.ts";
import { renameWithPatience } from "./rename-with-patience.ts";

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
 * Gives files in a folder names that survive a power cut: the folder is synced as well, where the system can do that.
 * Names that are given at the same time share a sync, for many files would wait long for one each.
 */
export class DurableFolder {
  readonly #path: string;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Renames a synced file. Replaces what has the new name, which must be in this folder. */
  async rename(from: string, to: string): Promise<void> {
    await renameWithPatience(from, to);
    // A sync that runs may have begun before.
    this.#next ??= this.#syncNext();
    await this.#next;
  }

  async #syncNext(): Promise<void> {
    await this.#running?.catch(() => {});
    this.#next = undefined;
    this.#running = syncFolder(this.#path);
    await this.#running;
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such call; its file system journals names by itself.
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } catch (error) {
    if (!cannotSyncFolders.has(systemCode(error))) throw error;
  } finally {
    await handle.close();
  }
}
