import { execFile } from "node:child_process";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { systemCode } from "@carrel/node-stream/fs";
import { printable } from "../../output/printable.ts";
import { CliError, exitCodes, usageError } from "../../process/cli-error.ts";
import type { Run } from "../../run/run-command.ts";
import { mark } from "./systemd-units.ts";

const execute = promisify(execFile);
const limitMs = 60_000;

/**
 * Writes files of units, all or none where one of them belongs to somebody else.
 * @throws {@link CliError} exit code 1: a file of that name was not written by this program, or cannot be written.
 */
export async function writeUnits(units: ReadonlyMap<string, string>): Promise<void> {
  for (const path of units.keys()) await refuseForeign(path);
  for (const [path, text] of units) {
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(temporary, text, { flag: "wx", mode: 0o644 });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw unwritable(path, error);
    }
  }
}

async function refuseForeign(path: string): Promise<void> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw unwritable(path, error);
  }
  if (text.startsWith(mark)) return;
  throw new CliError(`Refused to replace ${printable(path)}: carrel did not write it`, {
    exitCode: exitCodes.failed,
    hints: ["Choose another name: --name NAME"],
  });
}

function unwritable(path: string, error: unknown): CliError {
  return new CliError(`Cannot write ${printable(path)}: ${systemCode(error) ?? String(error)}`, {
    exitCode: exitCodes.failed,
    hints: path.startsWith("/etc/") ? ["Run it as root, or leave out --system."] : [],
    cause: error,
  });
}

/**
 * Has systemd check a calendar, where there is a systemd.
 * @throws {@link CliError} exit code 2: it does not understand it.
 */
export async function checkCalendar(text: string, { io, signal }: Run): Promise<void> {
  try {
    await execute("systemd-analyze", ["calendar", "--", text], { env: { ...io.env }, signal, timeout: limitMs });
  } catch (error) {
    signal.throwIfAborted();
    if (systemCode(error) === "ENOENT") return;
    throw usageError(`--on-calendar: invalid value "${printable(text)}"`, "See: man systemd.time");
  }
}

/**
 * Runs systemctl.
 * @throws {@link CliError} exit code 1: it is missing or failed. The units stay written.
 */
export async function systemctl(args: readonly string[], { io, signal }: Run): Promise<void> {
  try {
    await execute("systemctl", [...args], { env: { ...io.env }, signal, timeout: limitMs });
  } catch (error) {
    signal.throwIfAborted();
    const { stderr = "" } = error as { readonly stderr?: string };
    const said = stderr.trim().split("\n")[0] ?? "";
    const why = systemCode(error) === "ENOENT" ? "no such program" : said || "it failed";
    throw new CliError(`Cannot run "systemctl ${args.join(" ")}": ${printable(why)}`, {
      exitCode: exitCodes.failed,
      hints: ["The units are written. Where systemd runs, continue with that command."],
      cause: error,
    });
  }
}
