import type { Stats } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "@carrel/node-stream/fs";
import { CliError, exitCodes } from "../process/cli-error.ts";
import { readSmallFile, UnreadableFileError } from "./plain-file.ts";

const maxBytes = 1024 * 1024;
const othersWrite = 0o002;
const groupWrites = 0o020;

/** Codes for a path that does not exist; the second is that of `HOME=/dev/null`. */
const missing: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR"]);

/**
 * Reads a small file that decides which server gets the password, or contains a session; `undefined` where there is none. Only
 * this user or root may be able to write to it and to its directory.
 *
 * @throws {@link CliError} exit code 1: somebody else can, or it cannot be read.
 */
export async function readOwnFile(path: string, advice: string): Promise<Buffer | undefined> {
  try {
    const check = (stats: Stats): void => refuseForeign("read", path, path, stats);
    const bytes = await readSmallFile(path, { limitBytes: maxBytes, check });
    const directory = dirname(path);
    refuseForeign("read", path, directory, await stat(directory));
    return bytes;
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    if (missing.has(error.code) || (await isOutOfReach(path))) return undefined;
    const isDenied = error.code === "EACCES" || error.code === "EPERM";
    const hint = isDenied ? "Check its owner and mode, or set HOME to a directory of your own." : advice;
    throw new CliError(`Cannot read ${path}: ${error.message}`, { exitCode: exitCodes.failed, hints: [hint] });
  }
}

/** Whether not even its existence can be checked: `HOME` is another user's then, and has no file of this one. */
async function isOutOfReach(path: string): Promise<boolean> {
  try {
    await stat(path);
    return false;
  } catch (error) {
    return systemCode(error) === "EACCES";
  }
}

/**
 * Creates the directory of a file where it is missing, for this user alone.
 *
 * @throws {@link CliError} exit code 1: others may write there, or the home directory is somebody else's, who could not use what
 *   root creates in it. Errors of the system are thrown unchanged.
 */
export async function makeOwnDirectory(path: string): Promise<void> {
  const directory = dirname(path);
  const absent: string[] = [];
  let there = directory;
  let stats = await statIfThere(there);
  while (stats === undefined && dirname(there) !== there) {
    absent.push(there);
    there = dirname(there);
    stats = await statIfThere(there);
  }
  if (stats) refuseForeignOwner("write", path, there, stats);
  // One by one: with "recursive" it never ends where the file system takes no directories, such as /proc.
  for (const each of absent.toReversed()) {
    await mkdir(each, { mode: 0o700 }).catch((error: unknown) => {
      if (systemCode(error) !== "EEXIST") throw error;
    });
  }
  refuseForeign("write", path, directory, await stat(directory));
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether a file or directory belongs to this user or to root. Windows has no owner ids, and profiles are private there. */
function isOurs({ uid }: Stats): boolean {
  return process.platform === "win32" || uid === 0 || uid === process.geteuid?.();
}

type Action = "read" | "write";

function refuseForeign(action: Action, path: string, place: string, stats: Stats): void {
  refuseForeignOwner(action, path, place, stats);
  const writers = writersOf(stats);
  if (writers === undefined) return;
  const most = stats.isDirectory() ? "0755" : "0644";
  throw refused(
    `Refused to ${action} ${path}: ${writers} may write to ${describe(path, place)} (${describeRights(stats)}), ` +
      `expected mode ${most} or stricter`,
    `Check its content, then run: chmod go-w ${place}`,
  );
}

function refuseForeignOwner(action: Action, path: string, place: string, stats: Stats): void {
  if (isOurs(stats)) return;
  const user = process.geteuid?.();
  const expected = user === 0 ? "uid 0 (root)" : `uid ${user} or root`;
  throw refused(
    `Refused to ${action} ${path}: ${describe(path, place)} belongs to uid ${stats.uid} (${modeOf(stats)}), expected ${expected}`,
    `${user === 0 ? "Under sudo, run it as sudo -H. " : ""}Check its content and change its owner, or set HOME to a directory of your own.`,
  );
}

function describe(path: string, place: string): string {
  return place === path ? "it" : `the directory ${place}`;
}

/** Describes a file's mode and owner: `mode 0644, uid 1000`. */
export function describeRights(stats: Stats): string {
  return `${modeOf(stats)}, uid ${stats.uid}`;
}

function modeOf({ mode }: Stats): string {
  return `mode ${(mode & 0o7777).toString(8).padStart(4, "0")}`;
}

/** Who else may write. Many systems create a group for each user, which has no other members. */
function writersOf({ mode, uid, gid }: Stats): string | undefined {
  if (process.platform === "win32") return undefined;
  if ((mode & othersWrite) !== 0) return "others";
  if ((mode & groupWrites) === 0) return undefined;
  const isOwnGroup = uid !== 0 && gid === uid && gid === process.getegid?.();
  return isOwnGroup ? undefined : `the group ${gid}`;
}

function refused(message: string, hint: string): CliError {
  return new CliError(message, { exitCode: exitCodes.failed, hints: [hint] });
}
