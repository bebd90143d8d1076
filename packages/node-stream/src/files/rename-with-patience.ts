import { rename } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCode } from "./fs-error.ts";

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
