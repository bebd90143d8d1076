import { constants } from "node:fs";
import type { Stats } from "node:fs";
import { lstat, open, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import type { Digest } from "@carrel/node-stream";
import { nounFor, onDisk, quote, systemCode } from "@carrel/node-stream/fs";
import type { DigestThread } from "@carrel/node-stream/fs";
import { MirrorError } from "../errors.ts";

// Windows has no such flag.
const noFollow = process.platform === "win32" ? 0 : constants.O_NOFOLLOW;

/** Bytes that are read between two reports of progress. */
const stepBytes = 8 * 1024 * 1024;

/** How a file is read. */
export interface Reading {
  /** Where its digest is computed. */
  readonly digests: DigestThread;
  readonly signal: AbortSignal;
  /** Called with the number of bytes that were read since the last call. */
  readonly onProgress?: (bytes: number) => void;
}

/** Stats a path without following a symbolic link. Returns `undefined` if nothing exists there. */
export function lstatOf(path: string): Promise<Stats | undefined> {
  return onDisk("access", path, async () => {
    try {
      return await lstat(path);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
  });
}

/** Returns the directories that a path is inside, links resolved, innermost first; the path itself need not exist. */
export async function directoriesAbove(path: string): Promise<readonly string[]> {
  const parent = dirname(path);
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined)
    return parent === path ? [] : [await realpath(parent).catch(() => parent), ...(await directoriesAbove(parent))];
  const above: string[] = [];
  for (let each = real; dirname(each) !== each; each = dirname(each)) above.push(dirname(each));
  return above;
}

/** Returns the size of a plain file; `undefined` if there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const stats = await lstatOf(path);
  return stats?.isFile() ? stats.size : undefined;
}

/** Returns whether a file has a digest. Reads all of it. */
export function hasDigest(
  path: string,
  { algorithm, hex }: Digest,
  { digests, signal, onProgress }: Reading,
): Promise<boolean> {
  return onDisk("read", path, async () => {
    await using file = await open(path, constants.O_RDONLY | noFollow);
    const { size } = await file.stat();
    const digest = digests.digest(file.fd, algorithm);
    try {
      for (let bytes = 0; ;) {
        const step = Math.min(stepBytes, size - bytes);
        bytes += step;
        const value = await digest.at(bytes, signal);
        onProgress?.(step);
        if (bytes === size) return value === hex.toLowerCase();
      }
    } finally {
      await digest.close();
    }
  });
}

/**
 * Returns whether the directory of an item exists.
 * @throws {@link MirrorError} `through-link`, `obstacle`: something else has its name.
 */
export async function isItemDirectory(path: string): Promise<boolean> {
  const stats = await lstatOf(path);
  if (stats === undefined || stats.isDirectory()) return stats !== undefined;
  const message = `Cannot create directory ${quote(path)}: ${nounFor(stats)} with that name exists`;
  if (!stats.isSymbolicLink()) throw obstacle(message, path);
  throw new MirrorError(`${message}, and links are not followed`, { problem: "through-link", path });
}

/** Refuses to replace what is not a file with a file of an item. */
export function notAFile(path: string, stats: Stats): MirrorError {
  return obstacle(`Cannot replace ${quote(path)} with a file of the item: it is ${nounFor(stats)}`, path);
}

/** Refuses to keep partial downloads anywhere but in a directory of this user's. */
export function unusableIncoming(path: string, stats: Stats): MirrorError {
  const why = stats.isDirectory() ? "it belongs to another user, or others may write to it" : `it is ${nounFor(stats)}`;
  return obstacle(`Cannot use ${quote(path)} for partial downloads: ${why}`, path);
}

/** Refuses to keep records anywhere but in a directory of this user's. */
export function unusableRecords(path: string, stats: Stats): MirrorError {
  const why = stats.isDirectory() ? "it belongs to another user, or others may write to it" : `it is ${nounFor(stats)}`;
  return obstacle(`Cannot use ${quote(path)} for the mirror's records: ${why}`, path);
}

function obstacle(message: string, path: string): MirrorError {
  return new MirrorError(message, { problem: "obstacle", path });
}
