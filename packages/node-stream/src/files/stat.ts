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

/** Stats a path without opening it, following symbolic links. Returns `undefined` if nothing exists there. */
export async function lookAt(path: string): Promise<Sight | undefined> {
  return onDisk("access", path, async () => {
    try {
      const stats = await stat(path);
      return { kind: kindOf(stats), sizeBytes: stats.size };
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
  });
}

/** Returns the kind of file that a `stat` describes. */
export function kindOf(stats: Stats): Kind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  if (stats.isSymbolicLink()) return "symbolic link";
  if (stats.isFIFO()) return "named pipe";
  return stats.isSocket() ? "socket" : "device";
}

/** Names what a `stat` describes, such as `a file`. */
export function nounFor(stats: Stats): string {
  return `a ${kindOf(stats)}`;
}

/** Names a kind in a message about a path, such as `a directory`. */
export function nounOfKind(kind: Kind): string {
  return kind === "folder" ? "a directory" : `a ${kind}`;
}

/**
 * Flags to open what should be a file for reading. Without `O_NONBLOCK`, opening a named pipe would wait for a writer.
 * Windows has no such pipes.
 */
export const readAtOnce: number = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);
