import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { findJsonMistake, isObject, parseJson } from "@carrel/core/kit";
import { FileLock, renameWithPatience } from "@carrel/node-stream/fs";
import { CliError, usageError, exitCodes } from "../process/cli-error.ts";
import { decodeText } from "./plain-file.ts";
import { makeOwnDirectory, readOwnFile } from "./own-file.ts";

/**
 * Reads a JSON file that only this user or root can have written; `undefined` where there is none, or no directory for one.
 * Reads UTF-16 and a byte order mark too, as some editors write them.
 * @param advice - What to do about a file that is broken.
 * @throws {@link CliError} it cannot be read, or others can have written it (exit code 1), or it is not a JSON object (2): the
 *   message says where the mistake is, without repeating any content.
 */
export async function readJsonFile(
  path: string | undefined,
  advice: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (path === undefined) return undefined;
  const bytes = await readOwnFile(path, advice);
  if (bytes === undefined) return undefined;
  const value = parse(path, decode(path, bytes, advice), advice);
  if (isObject(value)) return value;
  throw usageError(`Cannot read ${path}: it is not a JSON object (it must begin with { and end with })`, advice);
}

/**
 * Replaces a JSON file with one that only its owner can read. A reader sees the old file or the new one. The directory must
 * exist.
 */
async function writeJsonFile(path: string, value: object): Promise<void> {
  const draft = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(draft, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
    await renameWithPatience(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw cannotWrite(path, error);
  }
}

/** The error for a file that cannot be written, with the reason of the system. */
export function cannotWrite(path: string, cause: unknown): CliError {
  return fileError(
    `Cannot write ${path}: ${codeOf(cause) ?? "unknown error"}`,
    "Check who may write in its directory, and that the disk is not full.",
  );
}

function decode(path: string, bytes: Uint8Array, advice: string): string {
  try {
    return decodeText(bytes, "utf-8");
  } catch {
    throw usageError(`Cannot read ${path}: it is not text (neither UTF-8 nor UTF-16)`, advice);
  }
}

function parse(path: string, text: string, advice: string): unknown {
  const value = parseJson(text);
  if (value !== undefined) return value;
  const { line, column } = findJsonMistake(text);
  throw usageError(`Cannot read ${path}: invalid JSON at line ${line}, column ${column}`, advice);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function fileError(message: string, advice: string): CliError {
  return new CliError(message, { exitCode: exitCodes.failed, hints: [advice] });
}

const patienceMs = 10_000;
const pauseMs = 20;

/**
 * Reads, changes and writes a JSON file under a lock, so that two processes of this program do not undo each other's changes.
 * @throws {@link CliError} exit code 1: it cannot be written, or others may write in its directory.
 * @param change - Reads the file and returns what to write; `undefined` to leave it.
 */
export async function changeJsonFile(
  path: string | undefined,
  change: () => Promise<object | undefined>,
): Promise<void> {
  if (path === undefined) throw homeless();
  await makeOwnDirectory(path).catch((error: unknown) => {
    throw error instanceof CliError ? error : cannotWrite(path, error);
  });
  await using _ = await lock(path);
  const value = await change();
  if (value !== undefined) await writeJsonFile(path, value);
}

/** Waits for a lock that is in use, because each process holds it for a moment only. */
async function lock(path: string): Promise<FileLock> {
  const lockPath = `${path}.lock`;
  const until = performance.now() + patienceMs;
  const busy = inUse(path, lockPath);
  for (;;) {
    try {
      return await FileLock.acquire(lockPath, () => busy);
    } catch (error) {
      if (error !== busy) throw cannotWrite(path, error);
      if (performance.now() > until) throw busy;
    }
    await sleep(pauseMs);
  }
}

function inUse(path: string, lockPath: string): CliError {
  return new CliError(`Cannot write ${path}: it is in use by another process`, {
    exitCode: exitCodes.failed,
    hints: [`Try again. If no other carrel runs, delete ${lockPath}`],
  });
}

function homeless(): CliError {
  return new CliError(
    "Cannot find a directory for settings: HOME is not an absolute path, and the system knows no home directory",
    {
      exitCode: exitCodes.failed,
      hints: ["Set HOME or XDG_STATE_HOME to an absolute path."],
    },
  );
}
