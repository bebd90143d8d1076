import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { systemClock } from "@carrel/core";
import { sleep } from "@carrel/core/kit";
import { cannotSync, systemCode } from "./fs-error.ts";

/**
 * Renames one synced file so that the new name survives a power cut. Replaces a file that has the new name.
 *
 * @returns Whether the name is on the disk; `false` if the file system cannot tell.
 * @private Does not follow semantic versioning.
 */
export async function durableRename(from: string, to: string): Promise<boolean> {
  return new DurableDirectory(dirname(to)).rename(from, to);
}

/** Codes for directories that cannot be opened or synced. */
const cannotSyncDirectories: ReadonlySet<string | undefined> = new Set(["EISDIR", "EPERM", "EACCES", "EBADF"]);

/**
 * Gives files in a directory names that survive a power cut: the directory is synced as well, if the system can do that. Names
 * that are given at the same time share a sync, because many files would wait long for one each.
 *
 * @private Does not follow semantic versioning.
 */
export class DurableDirectory {
  readonly #path: string;
  #running: Promise<boolean> | undefined;
  #next: Promise<boolean> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Renames a synced file. Replaces a file that has the new name, which must be in this directory.
   *
   * @returns Whether the name is on the disk; `false` if the file system cannot tell.
   */
  async rename(from: string, to: string): Promise<boolean> {
    await renameWithPatience(from, to);
    // A sync that is running may have begun before the rename.
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

/**
 * Flushes the names in a directory to the disk.
 *
 * @returns Whether they are on the disk; `false` if the file system cannot tell.
 * @private Does not follow semantic versioning.
 */
export async function syncDirectory(path: string): Promise<boolean> {
  // Windows has no such call; its file system records names by itself.
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

/** Codes of Windows for a file that another program has open: a virus scanner, an indexer, a reader. */
const openElsewhere: ReadonlySet<string | undefined> = new Set(["EPERM", "EACCES", "EBUSY"]);
/** Pauses before each further attempt: about a second in all. */
const pausesMs: readonly number[] = [5, 10, 25, 50, 100, 200, 300, 400];

/** The parts of the system that a test replaces. */
export interface RenameSystem {
  readonly platform: NodeJS.Platform;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly pause: (ms: number) => Promise<void>;
}

const thisSystem: RenameSystem = { platform: process.platform, rename, pause: (ms) => sleep(systemClock, ms) };

/**
 * Renames a file, and replaces a file that has the new name. On Windows that fails while another program has one of the two
 * open, which mostly is over in a moment: there it is tried again for about a second. Rejects with the last error.
 *
 * @private Does not follow semantic versioning.
 */
export async function renameWithPatience(from: string, to: string, system: Partial<RenameSystem> = {}): Promise<void> {
  const { platform, rename: attempt, pause } = { ...thisSystem, ...system };
  for (const ms of platform === "win32" ? pausesMs : []) {
    try {
      return await attempt(from, to);
    } catch (error) {
      if (!openElsewhere.has(systemCode(error))) throw error;
    }
    await pause(ms);
  }
  await attempt(from, to);
}
