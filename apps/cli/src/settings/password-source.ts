import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Stats } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Readable } from "node:stream";
import { systemCode } from "@carrel/node-stream/fs";
import { printable } from "../output/printable.ts";
import { CliError, exitCodes, usageError } from "../process/cli-error.ts";
import type { Environment } from "../process/program-io.ts";
import { describeRights } from "../state/own-file.ts";
import { readSmallFile, UnreadableFileError } from "../state/plain-file.ts";

/** A password, and where it comes from, for --debug. */
export interface PasswordSource {
  /** Such as `VSPHERE_PASSWORD`, or `"passwordFile" of context "lab"`. */
  readonly origin: string;
  /** Whether somebody at a terminal is asked for it. */
  readonly isTyped?: boolean;
  /** Whether somebody may be asked for it, here or by a program: then the server is reached first. */
  readonly mayAsk?: boolean;
  /** Reads the password, a secret. @throws {@link CliError} it cannot be had. */
  readonly read: (signal: AbortSignal) => Promise<string>;
}

const maxBytes = 64 * 1024;
const commandLimitMs = 120_000;
const groupReads = 0o040;
const othersOrGroup = 0o077;

/** Returns the password of the environment, or of the file that it names. */
export function passwordOfEnvironment(env: Environment): PasswordSource | undefined {
  const { VSPHERE_PASSWORD: password, VSPHERE_PASSWORD_FILE: path } = env;
  if (password) return { origin: "VSPHERE_PASSWORD", read: async () => password };
  if (!path) return undefined;
  return passwordFile(resolve(path), "VSPHERE_PASSWORD_FILE", env);
}

/** Returns the password in the first line of a file, which only its owner may be able to read. */
export function passwordFile(path: string, origin: string, env: Environment): PasswordSource {
  return { origin, read: () => readPasswordFile(path, origin, env) };
}

async function readPasswordFile(path: string, origin: string, env: Environment): Promise<string> {
  const check = (stats: Stats): void => refuseOpen(path, stats, env);
  try {
    const bytes = await readSmallFile(path, { limitBytes: maxBytes, check });
    return firstLine(bytes.toString("utf8"), `The password file ${path} (${origin})`);
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    throw new CliError(`Cannot read the password file ${path} (${origin}): ${error.message}`, {
      exitCode: exitCodes.usage,
      hints: ["Its first line must be the password, and only its owner may be able to read it (mode 0600)."],
    });
  }
}

function refuseOpen(path: string, stats: Stats, env: Environment): void {
  if (process.platform === "win32") return;
  const { mode, uid } = stats;
  const isOurs = uid === 0 || uid === process.geteuid?.();
  // systemd lets a service read its credentials by an access control list, whose mask shows as the group's rights.
  const directory = env["CREDENTIALS_DIRECTORY"];
  const isCredential = directory !== undefined && directory !== "" && dirname(path) === resolve(directory);
  const tooMuch = isCredential ? othersOrGroup & ~groupReads : othersOrGroup;
  if (isOurs && (mode & tooMuch) === 0) return;
  const expected = isOurs ? "mode 0600 or stricter" : `uid ${process.geteuid?.()} or root`;
  throw new CliError(`Refused to read the password file ${path}: ${describeRights(stats)}, expected ${expected}`, {
    exitCode: exitCodes.usage,
    hints: isOurs ? [`Change the password if somebody may have read it, then run: chmod 600 ${path}`] : [],
  });
}

/** Returns the password that a program writes as its first line. */
export function passwordCommand(command: readonly string[], origin: string): PasswordSource {
  return { origin, mayAsk: true, read: (signal) => runPasswordCommand(command, origin, signal) };
}

/**
 * Splits a command line at white space, as no shell is involved.
 * @returns undefined where it has characters that a shell would treat in another way.
 */
export function splitCommand(line: string): readonly string[] | undefined {
  if (/["'`$|&;<>()*?\\]/u.test(line)) return undefined;
  return line.trim().split(/\s+/u);
}

async function runPasswordCommand(command: readonly string[], origin: string, signal: AbortSignal): Promise<string> {
  const [program = "", ...args] = command;
  const failed = (why: string, hints: readonly string[] = []): CliError =>
    new CliError(`Cannot get the password from "${printable(program)}" (${origin}): ${why}`, {
      exitCode: exitCodes.usage,
      hints,
    });
  try {
    signal.throwIfAborted();
    // The command may ask at the terminal, as an agent for keys does.
    const child = spawn(program, args, {
      stdio: ["inherit", "pipe", "pipe"],
      timeout: commandLimitMs,
      killSignal: "SIGKILL",
      signal,
    });
    const [end, output, complaints] = await Promise.all([endOf(child), readSome(child.stdout), readSome(child.stderr)]);
    if (child.killed) throw failed(`it did not end within ${commandLimitMs / 1000} s`);
    if (end === 0) return firstLine(output, `The output of "${printable(program)}" (${origin})`);
    const said = complaints.trim().split("\n").at(-1)?.trim() ?? "";
    const isSilent = said === "" && typeof end === "number";
    const nothing = isSilent ? ["It wrote nothing: it may have no such entry."] : [];
    const hints = said === "" ? nothing : [`It wrote: ${printable(said.slice(0, 300))}`];
    throw failed(typeof end === "number" ? `it ended with exit code ${end}` : `it was ended by ${end}`, hints);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CliError) throw error;
    const code = systemCode(error);
    throw failed(code === "ENOENT" ? "no such program" : (code ?? "it could not be started"));
  }
}

function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code, killedBy) => done(code ?? killedBy ?? "SIGKILL"));
  });
}

/** Reads a stream to its end and keeps its beginning. */
async function readSome(stream: Readable): Promise<string> {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8") as AsyncIterable<string>) {
    if (text.length < maxBytes) text += chunk;
  }
  return text;
}

function firstLine(content: string, what: string): string {
  const [line = ""] = content.replace(/^\uFEFF/u, "").split(/\r?\n/u, 1);
  if (line !== "") return line;
  throw usageError(`${what} contains no password: its first line is empty`);
}
