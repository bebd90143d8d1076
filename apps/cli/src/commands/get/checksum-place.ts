import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { nameKey, onDisk, systemCode } from "@carrel/node-stream/fs";
import { usageError } from "../../process/cli-error.ts";
import { printable } from "../../output/printable.ts";

/** Where a path really leads. */
export interface Place {
  /** Absolute path, through no link but perhaps one at its end. */
  readonly path: string;
  /** The deepest folder on the way there that exists. */
  readonly existing: string;
  /** What it has in common with other paths to the same thing, on systems too that ignore case. */
  readonly key: string;
}

/** Follows the links on the way to a path, the last part of which may be missing, and so may folders before it. */
export async function placeOf(path: string): Promise<Place> {
  const missing: string[] = [];
  const absolute = resolve(path);
  for (let folder = dirname(absolute); ; folder = dirname(folder)) {
    const existing = await realOf(folder);
    if (existing !== undefined || dirname(folder) === folder) {
      const end = join(existing ?? folder, ...missing, basename(absolute));
      return { path: end, existing: existing ?? folder, key: nameKey(end) };
    }
    missing.unshift(basename(folder));
  }
}

/**
 * Where a path leads, links at its end included; `undefined` where there is nothing.
 * @throws {@link CliError} exit code 2: a link leads nowhere.
 */
export async function realOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") return onDisk("look at", path, () => Promise.reject(error as Error));
    if (!(await isThere(path))) return undefined;
    throw usageError(`Symbolic link has no target: ${printable(path)}`, "Choose another place, or remove it.");
  }
}

/** Whether a place is below another one. */
export function isBelow(place: Place, folder: Place): boolean {
  return place.key.startsWith(folder.key.endsWith(sep) ? folder.key : folder.key + sep);
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
