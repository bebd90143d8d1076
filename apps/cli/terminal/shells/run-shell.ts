import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { text } from "node:stream/consumers";

/** Where a shell runs. */
export interface ShellPlace {
  /** Its working directory. */
  readonly folder: string;
  readonly home: string;
  /** A folder of commands, besides those of the system. */
  readonly commands: string;
}

/** What a shell gets. */
export interface ShellInput {
  readonly env?: Readonly<Record<string, string>>;
  /** What is typed. */
  readonly typed?: string;
}

/** Runs a shell to its end, away from the terminal of these tests, and resolves with all that it wrote. */
export async function runShell(
  [name, ...args]: readonly [string, ...string[]],
  { folder, home, commands }: ShellPlace,
  { env = {}, typed = "" }: ShellInput = {},
): Promise<string> {
  const path = `${commands}:${process.env["PATH"] ?? ""}`;
  const child = spawn(name, args, {
    cwd: folder,
    env: { PATH: path, HOME: home, XDG_RUNTIME_DIR: home, TERM: "dumb", LC_ALL: "C", ...env },
    // In a session of its own: an interactive shell would take the terminal over.
    detached: true,
    timeout: 55_000,
  });
  const closed = once(child, "close");
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  child.stdin.on("error", () => undefined); // one that has ended reads no more
  child.stdin.end(typed);
  try {
    const [[code, signal], [stdout, stderr]] = await Promise.all([closed, output]);
    if (code === 0) return stdout + stderr;
    throw new Error(`${name} ended with ${String(code ?? signal)}:\n${stdout}${stderr}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error(`${name} was not found. These tests need it: apt-get install ${name}`, { cause: error });
  }
}
