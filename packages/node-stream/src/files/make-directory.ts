import { lstat, mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { TransferError } from "@carrel/core";
import { onDisk, systemCode } from "./fs-error.ts";
import { nounFor } from "./stat.ts";
import { quote } from "@carrel/core/transfer";

/** Codes for a path that does not exist or leads through something that is not a directory. */
const absenceCodes: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/**
 * Creates a directory and its missing parents. A directory that exists, also behind a symbolic link, is left as it is.
 *
 * Node's own `mkdir` with `recursive` never ends if a parent exists but does not allow directories, such as `/proc`.
 *
 * @throws {@link TransferError} `TRANSFER`, `obstacle`: something else has the name; `disk`: the system refuses it.
 * @private Does not follow semantic versioning.
 */
export async function makeDirectory(path: string): Promise<void> {
  const missing: string[] = [];
  let at = resolve(path);
  while (!(await onDisk("access", at, () => isDirectory(at)))) {
    missing.push(at);
    const parent = dirname(at);
    if (parent === at) break;
    at = parent;
  }
  for (const directory of missing.toReversed()) await onDisk("create directory", directory, () => makeOne(directory));
}

/** Returns whether the path is a directory: `false` if nothing exists there. Throws if something else does. */
async function isDirectory(path: string): Promise<boolean> {
  const stats = await ifExists(() => stat(path));
  if (stats?.isDirectory()) return true;
  if (stats !== undefined) throw obstructed(path, `${nounFor(stats)} with that name exists`);
  const itself = await ifExists(() => lstat(path));
  if (itself?.isSymbolicLink()) throw obstructed(path, "a symbolic link with that name leads nowhere");
  // Another process may have created it between the two calls.
  return itself?.isDirectory() === true;
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = systemCode(error);
    // Another process created it at the same moment.
    if (code === "EEXIST" && (await isDirectory(path))) return;
    const parent = dirname(path);
    if (code !== "ENOENT" || !(await isDirectory(parent))) throw error;
    throw new TransferError(
      `Cannot create directory ${quote(path)}: the file system does not allow directories in ${quote(parent)} (ENOENT)`,
      { problem: "disk", path, cause: error, retryable: false },
    );
  }
}

async function ifExists<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (absenceCodes.has(systemCode(error))) return undefined;
    throw error;
  }
}

function obstructed(path: string, reason: string): TransferError {
  return new TransferError(`Cannot create directory ${quote(path)}: ${reason}`, {
    problem: "obstacle",
    path,
    retryable: false,
  });
}
