import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { findJsonMistake } from "@carrel/core/internal";
import { renameWithPatience } from "@carrel/node-stream/internal";
import { CliError, usageError } from "../cli-error.ts";
import { exitCodes } from "../exit-code.ts";

/**
 * Reads a JSON file; `undefined` where there is none. A byte order mark, as some editors write it, is no mistake.
 * @param advice - What to do about a file that is broken.
 * @throws {@link CliError} it cannot be read (exit code 1), or is no JSON object (2); it is said where the mistake is.
 *   Nothing of its content is repeated.
 */
export async function readJsonFile(
  path: string,
  advice: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw fileError(`The file ${path} cannot be read (${codeOf(error) ?? "unknown error"}).`, advice);
  }
  if (isUtf16(bytes)) throw usageError(`The file ${path} is in UTF-16.`, "Save it as UTF-8.", advice);
  const text = bytes.toString("utf8").replace(/^\uFEFF/u, "");
  const value = parse(path, text, advice);
  if (isObject(value)) return value;
  throw usageError(`The file ${path} is not a JSON object: it must begin with { and end with }.`, advice);
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Replaces a JSON file. What reads it meanwhile sees the old one or the new one.
 * @param mode - Who may read it; only its owner by default.
 */
export async function writeJsonFile(path: string, value: object, mode = 0o600): Promise<void> {
  const draft = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: mode | 0o700 });
    await writeFile(draft, `${JSON.stringify(value, undefined, 2)}\n`, { mode, flag: "wx" });
    await renameWithPatience(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw cannotWrite(path, error);
  }
}

/** A file cannot be written, with the reason that the system gave. */
export function cannotWrite(path: string, cause: unknown): CliError {
  return fileError(
    `The file ${path} cannot be written (${codeOf(cause) ?? "unknown error"}).`,
    "Check who may write in its folder, and that there is room on the disk.",
  );
}

function parse(path: string, text: string, advice: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { line, column } = findJsonMistake(text);
    throw usageError(`The file ${path} is not valid JSON: see line ${line}, column ${column}.`, advice);
  }
}

function isUtf16([first, second]: Buffer): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function fileError(message: string, advice: string): CliError {
  return new CliError(message, { exitCode: exitCodes.failed, hints: [advice] });
}
