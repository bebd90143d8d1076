import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import process from "node:process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Vcsim } from "../src/index.ts";

const cli = fileURLToPath(new URL("../../../../apps/cli/dist/main.js", import.meta.url));

/** How a run of the command-line tool ended. */
export interface CarrelRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built command-line tool against vcsim, with its settings in the environment and nothing else there. */
export function startCarrel(
  vcsim: Vcsim,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): ChildProcessByStdio<null, Readable, Readable> {
  if (!existsSync(cli)) throw new Error(`${cli} does not exist. Build it: pnpm --filter carrel... run build`);
  return spawn(process.execPath, [cli, ...args], {
    env: {
      PATH: process.env["PATH"],
      // Nothing that this machine remembers.
      HOME: "/nonexistent",
      VSPHERE_SERVER: vcsim.url,
      VSPHERE_USER: vcsim.user,
      VSPHERE_PASSWORD: vcsim.password,
      VSPHERE_THUMBPRINT: vcsim.thumbprint,
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
  });
}

/** Runs it to its end. */
export async function runCarrel(
  vcsim: Vcsim,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<CarrelRun> {
  const child = startCarrel(vcsim, args, settings);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr };
}
