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
