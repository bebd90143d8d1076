import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { TransferError } from "@carrel/core";
import { lookAt } from "../files/stat.ts";
import type { Kind } from "../files/stat.ts";
import { quote } from "../files/names.ts";

/** Refuses to begin where something that is no file has the name that a file is to get. Symbolic links to files are files. */
export async function assertNoObstacle(path: string): Promise<void> {
  const seen = await lookAt(path);
  if (seen !== undefined && seen.kind !== "file") throw obstacle(path, seen.kind);
}

/** Whether a folder holds anything that is no file, and may be in the way of one. Opens nothing. */
export async function holdsObstacles(folder: string): Promise<boolean> {
  // A folder that is not there holds nothing; one that cannot be read is told of when it is written to.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isFile()) continue;
    if (!entry.isSymbolicLink()) return true;
    const seen = await lookAt(join(folder, entry.name)).catch(() => undefined);
    if (seen !== undefined && seen.kind !== "file") return true;
  }
  return false;
}

/** The refusal to replace what is no file. */
export function obstacle(path: string, kind: Kind): TransferError {
  return new TransferError(`Cannot write ${quote(path)}: a ${kind} has that name`, {
    problem: "obstacle",
    path,
    retryable: false,
  });
}
