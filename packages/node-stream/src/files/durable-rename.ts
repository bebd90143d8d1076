import { dirname } from "node:path";
import { open, rename } from "node:fs/promises";
import { cannotSync, systemCode } from "./fs-error.ts";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Renames one synced file so that the new name survives a power cut. Replaces what has the new name.
 *
 * @returns Whether the name is on the disk; `false` where the file system cannot say.
 * @private Does not follow semantic versioning.
 */
export async function durableRename(from: string, to: string): Promise<boolean> {
  return new DurableDirectory(dirname(to)).rename(from, to);
}

/** Codes with which systems say that directories cannot be opened or synced. */
const cannotSyncDirectories: ReadonlySet<string | undefined> = new Set(["EISDIR", "EPERM", "EACCES", "EBADF"]);

/**
 * Gives files in a directory names that survive a power cut: the directory is synced as well, where the system can do that.
 * Names that are given at the same time share a sync, for many files would wait long for one each.
 */
export class DurableDirectory {
  readonly #path: string;
  #running: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Renames a synced file. Replaces what has the new name, which must be in this directory.
   *
   * @returns Whether the name is on the disk; `false` where the file system cannot say.
   */
  async rename(from: string, to: string): Promise<boolean> {
    await renameWithPatience(from, to);
    // A sync that runs may have begun before.
    this.#next ??= this.#syncNext();
    return this.#next;
  }

  async #syncNext(): Promise<boolean> {
    await this.#running?.catch(() => {});
    this.#next = undefined;
    this.#running = syncDirectory(this.#path);
    return this.#running;
  }
}

async function syncDirectory(path: string): Promise<boolean> {
  // Windows has no such call; its file system journals names by itself.
  if (process.platform === "win32") return true;
  const handle = await open(path, "r").catch(ignoreUnsynced);
  if (handle === undefined) return false;
  try {
    await handle.sync();
    return true;
  } catch (error) {
    return ignoreUnsynced(error) ?? false;
  } finally {
    await handle.close();
  }
}

function ignoreUnsynced(error: unknown): undefined {
  if (!cannotSync(error) && !cannotSyncDirectories.has(systemCode(error))) throw error;
}

/** How Windows says that somebody has the file open: a virus scanner, an indexer, a program that reads it. */
const heldOpen: ReadonlySet<string | undefined> = new Set(["EPERM", "EACCES", "EBUSY"]);
/** Pauses before each further try: about a second in all. */
const pausesMs: readonly number[] = [5, 10, 25, 50, 100, 200, 300, 400];

/** What a test puts in place of the system. */
export interface RenameSystem {
  readonly platform: NodeJS.Platform;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly pause: (ms: number) => Promise<void>;
}

const thisSystem: RenameSystem = { platform: process.platform, rename, pause: (ms) => sleep(ms) };

/**
 * Renames a file, and replaces what has the new name. On Windows that fails for as long as another process has one of the
 * two open, which mostly is over in a moment: there it is tried again for about a second. Rejects with the last error.
 *
 * @private Does not follow semantic versioning.
 */
export async function renameWithPatience(from: string, to: string, system: Partial<RenameSystem> = {}): Promise<void> {
  const { platform, rename: attempt, pause } = { ...thisSystem, ...system };
  for (const ms of platform === "win32" ? pausesMs : []) {
    try {
      return await attempt(from, to);
    } catch (error) {
      if (!heldOpen.has(systemCode(error))) throw error;
    }
    await pause(ms);
  }
  await attempt(from, to);
}
