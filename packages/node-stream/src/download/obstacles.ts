import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { TransferError } from "@carrel/core";
import { statOf } from "../files/stat.ts";
import type { FileKind } from "../files/stat.ts";
import { quote } from "../files/names.ts";

/** Fails if something that is not a file has the name that a file is to get. A symbolic link to a file counts as a file. */
export async function assertNoObstacle(path: string): Promise<void> {
  const existing = await statOf(path);
  if (existing !== undefined && existing.kind !== "file") throw obstacle(path, existing.kind);
}

/** Returns whether a directory contains anything that is not a file, which may be an obstacle. Opens nothing. */
export async function holdsObstacles(folder: string): Promise<boolean> {
  // A missing directory contains nothing; one that cannot be read is reported when it is written to.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isFile()) continue;
    if (!entry.isSymbolicLink()) return true;
    const target = await statOf(join(folder, entry.name)).catch(() => undefined);
    if (target !== undefined && target.kind !== "file") return true;
  }
  return false;
}

/** Creates the error for a path that something other than a file has. */
export function obstacle(path: string, kind: FileKind): TransferError {
  return new TransferError(`Cannot write ${quote(path)}: a ${kind} with that name exists`, {
    problem: "obstacle",
    path,
    retryable: false,
  });
}
