import { lstat, mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { TransferError } from "@carrel/core";
import { onDisk, systemCode } from "./fs-error.ts";
import { nounFor } from "./stat.ts";
import { quote } from "./names.ts";

/** What the system says of a path where there is nothing, or that leads through something that is no folder. */
const nothingThere: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/**
 * Makes a folder, with its parents. One that is there already, or that a link leads to, is left as it is.
 *
 * Node's own `mkdir` with `recursive` never ends where a parent is there and takes no folders, such as `/proc`.
 *
 * @throws {@link TransferError} `TRANSFER`: something else is in the way, or the system does not let it.
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  let at = resolve(path);
  while (!(await onDisk("look at", at, () => isFolder(at)))) {
    missing.push(at);
    const parent = dirname(at);
    if (parent === at) break;
    at = parent;
  }
  for (const folder of missing.toReversed()) await onDisk("create the folder", folder, () => makeOne(folder));
}

/** Whether there is a folder; not where there is nothing at all. */
async function isFolder(path: string): Promise<boolean> {
  const stats = await ifThere(() => stat(path));
  if (stats?.isDirectory()) return true;
  if (stats !== undefined) throw inTheWay(path, `${nounFor(stats)} in its place`);
  const itself = await ifThere(() => lstat(path));
  if (itself?.isSymbolicLink()) throw inTheWay(path, "a symbolic link in its place, which leads nowhere");
  // Somebody else may have made it between the two looks.
  return itself?.isDirectory() === true;
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = systemCode(error);
    // Somebody else made it in the same moment.
    if (code === "EEXIST" && (await isFolder(path))) return;
    const parent = dirname(path);
    if (code !== "ENOENT" || !(await isFolder(parent))) throw error;
    throw new TransferError(
      `Could not create the folder ${quote(path)}: no folder can be made in ${quote(parent)}. Choose another place. (ENOENT)`,
      { problem: "disk", path, cause: error, retryable: false },
    );
  }
}

async function ifThere<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (nothingThere.has(systemCode(error))) return undefined;
    throw error;
  }
}

function inTheWay(path: string, what: string): TransferError {
  return new TransferError(
    `Could not create the folder ${quote(path)}: there is ${what}. Choose another place, or make room.`,
    { problem: "obstacle", path, retryable: false },
  );
}
