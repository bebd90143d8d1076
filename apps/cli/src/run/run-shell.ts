import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Environment } from "../process/program-io.ts";

/** What a program in the background may still write after the shell has ended. */
const drainMs = 1_000;

/** Options of {@link runShell}. */
export interface RunShellOptions {
  /** After this the shell and what it started are ended. */
  readonly limitMs: number;
  /** Called with each line that it writes. */
  readonly write: (line: string) => void;
}

/**
 * Gives a command to the shell: `/bin/sh -c`, on Windows `cmd.exe /d /s /c`. It has no standard input.
 * @returns how it ended, such as `exit code 0`. Never rejects.
 */
export async function runShell(command: string, env: Environment, options: RunShellOptions): Promise<string> {
  const { limitMs, write } = options;
  const isWindows = process.platform === "win32";
  const child = spawn(command, {
    shell: isWindows ? true : "/bin/sh",
    // A group of its own, so that all of it can be ended.
    detached: !isWindows,
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...env },
  });
  const outputs = [child.stdout, child.stderr].map((stream) => createInterface({ input: stream }).on("line", write));
  const reading = outputs.map((lines) => once(lines, "close"));
  let isOver = false;
  const limit = setTimeout(() => {
    isOver = true;
    endAll(child);
  }, limitMs);
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    // What it left in the background may hold the pipes open.
    const drained = setTimeout(() => outputs.forEach((lines) => lines.close()), drainMs);
    await Promise.all(reading);
    clearTimeout(drained);
    if (isOver) return `a time limit of ${limitMs / 1_000} s`;
    return code === null ? `signal ${signal ?? "unknown"}` : `exit code ${code}`;
  } catch (error) {
    return `an error: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    clearTimeout(limit);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function endAll(child: ChildProcess): void {
  try {
    if (process.platform !== "win32" && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    else child.kill();
  } catch {
    // It has just ended by itself.
  }
}
