import { stat } from "node:fs/promises";
import type { Stats } from "node:fs";
import { onDisk, systemCode } from "./fs-error.ts";

/**
 * What can be at a path.
 *
 * @private Does not follow semantic versioning.
 */
export type FileKind = "file" | "directory" | "symbolic link" | "named pipe" | "socket" | "device";

/** What is at a path. */
export interface FileStat {
  readonly kind: FileKind;
  readonly sizeBytes: number;
}

/**
 * Stats a path without opening it, following symbolic links. Returns `undefined` if nothing exists there.
 *
 * @private Does not follow semantic versioning.
 */
export async function statOf(path: string): Promise<FileStat | undefined> {
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
export function kindOf(stats: Stats): FileKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symbolic link";
  if (stats.isFIFO()) return "named pipe";
  return stats.isSocket() ? "socket" : "device";
}

/**
 * Names what a `stat` describes, such as `a file`.
 *
 * @private Does not follow semantic versioning.
 */
export function nounFor(stats: Stats): string {
  return `a ${kindOf(stats)}`;
}
