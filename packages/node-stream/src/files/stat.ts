import { constants } from "node:fs";
import { stat } from "node:fs/promises";
import type { Stats } from "node:fs";
import { onDisk, systemCode } from "./fs-error.ts";

/** What can be at a path. */
export type Kind = "file" | "folder" | "symbolic link" | "named pipe" | "socket" | "device";

/** What is at a path. */
export interface Sight {
  readonly kind: Kind;
  readonly sizeBytes: number;
}

/** Looks what is at a path, without opening it; at the end of symbolic links. `undefined` where there is nothing. */
export async function lookAt(path: string): Promise<Sight | undefined> {
  return onDisk("look at", path, async () => {
    try {
      const stats = await stat(path);
      return { kind: kindOf(stats), sizeBytes: stats.size };
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
  });
}

/** What a system call saw. */
export function kindOf(stats: Stats): Kind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  if (stats.isSymbolicLink()) return "symbolic link";
  if (stats.isFIFO()) return "named pipe";
  return stats.isSocket() ? "socket" : "device";
}

/** What something on the disk is, such as `a file`. */
export function nounFor(stats: Stats): string {
  return `a ${kindOf(stats)}`;
}

/**
 * Flags to open something for reading that should be a file. Where it is a named pipe after all, opening it does not wait for
 * somebody to write to it. Windows has no such pipes.
 */
export const readAtOnce: number = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);
