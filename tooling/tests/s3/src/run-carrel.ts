import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Simulator } from "@carrel/simulator";
import type { Versitygw } from "./start-versitygw.ts";

const cli = fileURLToPath(new URL("../../../../apps/cli/dist/main.js", import.meta.url));

/** How a run of the command-line tool ended. */
export interface CarrelRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a run finds its vCenter and its store. */
export interface Servers {
  readonly simulator: Simulator;
  readonly store: Versitygw;
}

/** Starts the built command-line tool with its settings in the environment and nothing else there. */
export function startCarrel(
  { simulator, store }: Servers,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): ChildProcessByStdio<null, Readable, Readable> {
  if (!existsSync(cli)) throw new Error(`${cli} does not exist. Build it: pnpm --filter carrel... run build`);
  const { certificate, credentials, url } = simulator;
  return spawn(process.execPath, [cli, ...args], {
    env: {
      PATH: process.env["PATH"],
      // Nothing that this machine remembers.
      HOME: "/nonexistent",
      VSPHERE_SERVER: url.origin,
      VSPHERE_USER: credentials.username,
      VSPHERE_PASSWORD: credentials.password,
      ...(certificate && { VSPHERE_THUMBPRINT: certificate.sha256 }),
      AWS_ACCESS_KEY_ID: store.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: store.credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ENDPOINT_URL: store.endpoint,
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs it to its end. */
export async function runCarrel(
  servers: Servers,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<CarrelRun> {
  const child = startCarrel(servers, args, settings);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr };
}
