import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat } from "node:fs/promises";
import type { Stats } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Digest, DigestAlgorithm } from "@carrel/node-stream";
import { onDisk, systemCode } from "@carrel/node-stream/internal";

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
export async function hasDigest(path: string, { algorithm, hex }: Digest, signal: AbortSignal): Promise<boolean> {
  return (await digestOf(path, algorithm, signal)) === hex.toLowerCase();
}

async function digestOf(path: string, algorithm: DigestAlgorithm, signal: AbortSignal): Promise<string> {
  const hash = createHash(algorithm);
  await onDisk("read", path, () => pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash, { signal }));
  return hash.digest("hex");
}
