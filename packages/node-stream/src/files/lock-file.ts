import type { Stats } from "node:fs";
import { open, unlink } from "node:fs/promises";
import { systemCode } from "./fs-error.ts";
import { parseOwner } from "./lock-owner.ts";
import type { LockOwner } from "./lock-owner.ts";
import { createNew, openPlainFile, readPlainFile, readSmall, readWrite, setMode } from "./plain-file.ts";

const maxLockBytes = 65_536;

/** A lock file as it was read. */
export interface LockState {
  /** `undefined` if the file is incomplete, because it is still being written or its writer was killed. */
  readonly owner: LockOwner | undefined;
  /** Differs as soon as the holder shows that it is alive. */
  readonly stamp: string;
}

/** How the file system shows a file that this process has just created for itself alone. */
export interface NewFile extends Pick<Stats, "uid" | "mode"> {
  /** Its rights before they were taken away from others. */
  readonly newFileMode: number;
}

/** Creates a lock file. Returns how the file system shows it; `undefined` if a file with that name exists. */
export async function createLock(path: string, owner: LockOwner): Promise<NewFile | undefined> {
  const handle = await open(path, createNew, 0o666).catch((error: unknown) => {
    if (systemCode(error) !== "EEXIST") throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const { mode: newMode } = await handle.stat();
    await setMode(handle, 0o600);
    await handle.writeFile(`${JSON.stringify(owner)}\n${counter(0)}`);
    const { uid, mode } = await handle.stat();
    return { uid, mode, newFileMode: newMode & 0o777 };
  } catch (error) {
    await unlink(path).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
}

/** Reads a lock file; `undefined` if none exists. */
export async function readLock(path: string): Promise<LockState | undefined> {
  const file = await readPlainFile(path, maxLockBytes);
  if (file === undefined) return undefined;
  const { text, stats } = file;
  return { owner: parseOwner(text), stamp: `${stats.ino} ${stats.size} ${stats.mtimeMs} ${text}` };
}

/** Writes the next count into a lock file. Returns `false` if the lock has another token or does not exist. */
export async function countUp(path: string, token: string, count: number): Promise<boolean> {
  // Written through the open file and not by its name: by now that may be the lock of a process that took this one over.
  const handle = await openPlainFile(path, readWrite);
  if (handle === undefined) return false;
  try {
    const { text } = await readSmall(handle, path, maxLockBytes);
    if (parseOwner(text)?.token !== token) return false;
    const position = Buffer.byteLength(text.slice(0, text.indexOf("\n") + 1));
    const now = new Date();
    // A full disk accepts no bytes, but may accept a time.
    await handle.write(counter(count), position).catch(() => handle.utimes(now, now));
    return true;
  } finally {
    await handle.close();
  }
}

function counter(value: number): string {
  return `${String(value).padStart(15, "0")}\n`;
}
