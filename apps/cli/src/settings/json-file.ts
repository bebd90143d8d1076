import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { renameWithPatience } from "@carrel/node-stream/internal";
import { CliError } from "../cli-error.ts";
import { exitCodes } from "../exit-code.ts";

/**
 * Reads a JSON file; `undefined` where there is none.
 * @throws {@link CliError} it cannot be read, or is no JSON object. Nothing of its content is repeated.
 */
export async function readJsonFile(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw fileError(`The file ${path} cannot be read (${codeOf(error) ?? "unknown error"}).`);
  }
  const value = parse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw fileError(`The file ${path} is not a JSON object.`);
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
    throw fileError(`The file ${path} cannot be written (${codeOf(error) ?? "unknown error"}).`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function fileError(message: string): CliError {
  return new CliError(message, { exitCode: exitCodes.failed });
}
