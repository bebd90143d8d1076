import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { link, open, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import process from "node:process";
import { TransferError } from "@carrel/core";
import { DigestThread, quote, systemCode } from "@carrel/node-stream/fs";
import { hasDigest } from "./local-files.ts";

// Windows has no such flag.
const noFollow = process.platform === "win32" ? 0 : constants.O_NOFOLLOW;

/** Codes for a file that cannot have a second name there: another file system, or one without links. */
const cannotLink: ReadonlySet<string | undefined> = new Set([
  "EXDEV",
  "EPERM",
  "EACCES",
  "EMLINK",
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EINVAL",
]);

const copyBytes = 1024 * 1024;

/**
 * Gives a file a second name or, where that is impossible, makes a copy, flushes it, and reads it back. Links are not followed.
 * @param twin - The path of the second one, where nothing may be.
 * @returns its size.
 */
export async function makeTwin(path: string, twin: string, signal: AbortSignal): Promise<number> {
  return (await linked(path, twin)) ?? (await copied(path, twin, signal));
}

async function linked(path: string, twin: string): Promise<number | undefined> {
  try {
    await link(path, twin);
  } catch (error) {
    if (cannotLink.has(systemCode(error))) return undefined;
    throw error;
  }
  const file = await open(twin, constants.O_RDONLY | noFollow);
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

async function copied(path: string, twin: string, signal: AbortSignal): Promise<number> {
  const source = await open(path, constants.O_RDONLY | noFollow);
  try {
    const stats = await source.stat();
    const copy = await open(twin, "wx", stats.mode & 0o777);
    const hash = createHash("sha256");
    let bytes = 0;
    try {
      for await (const chunk of chunksOf(source, signal)) {
        hash.update(chunk);
        await copy.appendFile(chunk);
        bytes += chunk.length;
      }
      await copy.utimes(stats.atime, stats.mtime);
      await copy.sync();
    } finally {
      await copy.close();
    }
    await using digests = new DigestThread();
    const digest = { algorithm: "sha256", hex: hash.digest("hex") } as const;
    if (await hasDigest(twin, digest, { digests, signal })) return bytes;
    const message = `Cannot keep a copy of ${quote(path)}: what was read back is not what was written`;
    throw new TransferError(message, { problem: "disk", path: twin, retryable: true });
  } catch (error) {
    await unlink(twin).catch(() => undefined);
    throw error;
  } finally {
    await source.close();
  }
}

async function* chunksOf(file: FileHandle, signal: AbortSignal): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(copyBytes);
  for (let position = 0; ;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, copyBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
