import { spawn } from "node:child_process";
import type { ChildProcessByStdio, SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import process from "node:process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** How a run ended. */
export interface CliRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run that is still under way. */
export interface StartedCli {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<CliRun>;
}

/** Starts the built program with the given environment and nothing else of this process's. */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  who: Pick<SpawnOptions, "cwd" | "uid" | "gid"> = {},
): StartedCli {
  if (!existsSync(main)) throw new Error(`${main} does not exist. Build it: pnpm --filter carrel... run build`);
  const child = spawn(process.execPath, [main, ...args], {
    ...who,
    // Nothing that this machine remembers.
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
  });
  const closed = once(child, "close") as Promise<[number | null]>;
  const ended = Promise.all([text(child.stdout), text(child.stderr), closed]).then(([stdout, stderr, [exitCode]]) => ({
    exitCode,
    stdout,
    stderr,
  }));
  return { child, ended };
}

/** Runs the built program to its end. */
export function runCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliRun> {
  return startCli(args, env).ended;
}
