import { constants } from "node:fs";
import type { Stats } from "node:fs";
import { lstat, open } from "node:fs/promises";
import process from "node:process";
import type { Digest } from "@carrel/node-stream";
import { onDisk, systemCode } from "@carrel/node-stream/fs";
import type { DigestThread, FileDigest } from "@carrel/node-stream/fs";

// Windows has no such flag.
const noFollow = process.platform === "win32" ? 0 : constants.O_NOFOLLOW;

/** How a file is read. */
export interface Reading {
  /** Where its digest is computed. */
  readonly digests: DigestThread;
  readonly signal: AbortSignal;
  /** Told when it begins. */
  readonly onBegin?: (digest: FileDigest) => void;
}

/** What is at a path, itself and not what it links to. */
export function lookAt(path: string): Promise<Stats | undefined> {
  return onDisk("look at", path, async () => {
    try {
      return await lstat(path);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
  });
}

/** Size of a plain file; `undefined` where there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const stats = await lookAt(path);
  return stats?.isFile() ? stats.size : undefined;
}

/** Whether a file has a digest. Reads all of it. */
export function hasDigest(
  path: string,
  { algorithm, hex }: Digest,
  { digests, signal, onBegin }: Reading,
): Promise<boolean> {
  return onDisk("read", path, async () => {
    await using file = await open(path, constants.O_RDONLY | noFollow);
    const { size } = await file.stat();
    const digest = digests.digest(file.fd, algorithm);
    try {
      onBegin?.(digest);
      return (await digest.at(size, signal)) === hex.toLowerCase();
    } finally {
      await digest.close();
    }
  });
}
