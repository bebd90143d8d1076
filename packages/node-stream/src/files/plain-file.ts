import { constants } from "node:fs";
import type { Stats } from "node:fs";
import { lstat, open, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { TransferError } from "@carrel/core";
import { cannotSync, systemCode } from "./fs-error.ts";
import { quote } from "@carrel/core/transfer";
import { kindOf } from "./stat.ts";
import type { FileKind } from "./stat.ts";

// Windows has no such flag.
const noFollow: number = process.platform === "win32" ? 0 : constants.O_NOFOLLOW;

/**
 * Flags to open what should be a file for reading. Without `O_NONBLOCK`, opening a named pipe would wait for a writer.
 * Windows has no such pipes.
 */
export const readAtOnce: number = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

/** Flags to create a file that must not exist, and never at the end of a symbolic link. */
export const createNew: number = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | noFollow;

/** Flags to open a plain file for reading and writing, without truncating it. */
export const readWrite: number = constants.O_RDWR;

/** The content of a small file, and its `stat`. */
export interface PlainFile {
  readonly text: string;
  readonly stats: Stats;
}

/**
 * Opens a plain file, for reading by default: never through a symbolic link, and never waiting for the other end of a pipe.
 * `undefined` if it does not exist.
 *
 * @throws {@link TransferError} `TRANSFER`, `obstacle`: something that is not a plain file has that name.
 */
export async function openPlainFile(path: string, flags: number = readAtOnce): Promise<FileHandle | undefined> {
  try {
    // Before it is opened: opening a device can have an effect.
    assertFile(path, await lstat(path));
    const handle = await open(path, flags | readAtOnce | noFollow);
    try {
      assertFile(path, await handle.stat());
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return undefined;
    // A link that was put there after the check.
    if (code === "ELOOP") throw notAFile(path, "symbolic link");
    throw error;
  }
}

/**
 * Reads a small plain file; `undefined` if it does not exist.
 *
 * @throws {@link TransferError} `TRANSFER`, `obstacle`: it is not a plain file, or larger than `maxBytes`.
 * @private Does not follow semantic versioning.
 */
export async function readPlainFile(path: string, maxBytes: number): Promise<PlainFile | undefined> {
  const handle = await openPlainFile(path);
  if (handle === undefined) return undefined;
  try {
    return await readSmall(handle, path, maxBytes);
  } finally {
    await handle.close();
  }
}

/** Reads a small file that is open. */
export async function readSmall(handle: FileHandle, path: string, maxBytes: number): Promise<PlainFile> {
  const stats = await handle.stat();
  if (stats.size > maxBytes) throw tooLarge(path, maxBytes);
  // One byte more than its size: it can grow while it is read.
  const buffer = Buffer.alloc(Math.min(maxBytes, stats.size) + 1);
  let bytes = 0;
  while (bytes < buffer.length) {
    const { bytesRead } = await handle.read(buffer, bytes, buffer.length - bytes, bytes);
    if (bytesRead === 0) break;
    bytes += bytesRead;
  }
  if (bytes > maxBytes) throw tooLarge(path, maxBytes);
  return { text: buffer.toString("utf8", 0, bytes), stats };
}

/**
 * Creates a small file. A file that an earlier run left with that name is removed first, and never written to.
 *
 * @returns Whether it is on the disk, with `sync`; `false` if the file system cannot tell.
 * @private Does not follow semantic versioning.
 */
export async function writeNewFile(
  path: string,
  text: string,
  { mode = 0o600, sync = false }: { readonly mode?: number; readonly sync?: boolean } = {},
): Promise<boolean> {
  const handle = await open(path, createNew, mode).catch(async (error: unknown) => {
    if (systemCode(error) !== "EEXIST") throw error;
    await unlink(path);
    return open(path, createNew, mode);
  });
  try {
    await handle.writeFile(text);
    if (sync) await handle.sync();
    return true;
  } catch (error) {
    if (cannotSync(error)) return false;
    // The file is incomplete, for example because the disk is full.
    await unlink(path).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
}

/** Changes the rights of an open file. Where a file system or a host cannot do that, they stay as they are. */
export async function setMode(handle: FileHandle, mode: number): Promise<void> {
  try {
    await handle.chmod(mode);
  } catch {
    // Nothing that is checked later depends on it.
  }
}

function assertFile(path: string, stats: Stats): void {
  if (!stats.isFile()) throw notAFile(path, kindOf(stats));
}

function notAFile(path: string, kind: FileKind): TransferError {
  return new TransferError(`${quote(path)} is a ${kind}, not a file`, { problem: "obstacle", path, retryable: false });
}

function tooLarge(path: string, maxBytes: number): TransferError {
  return new TransferError(`${quote(path)} is larger than ${maxBytes} bytes`, {
    problem: "obstacle",
    path,
    retryable: false,
  });
}
