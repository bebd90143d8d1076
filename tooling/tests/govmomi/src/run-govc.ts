import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import type { Simulator } from "@carrel/simulator";
import { govcCommand } from "./govc-command.ts";

/** How a run of govc ended. */
export interface GovcRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs govc against a simulator, with its settings in the environment and nothing else there. `folder` is its current
 * folder and its home; the simulator's certificate is put there, and trusted unless `settings` say otherwise.
 */
export async function runGovc(
  simulator: Simulator,
  folder: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<GovcRun> {
  const { binary } = govcCommand;
  if (!existsSync(binary)) throw new Error(`${binary} does not exist. Run \`npm run test:vcsim\`, which builds it.`);
  const trusted = join(folder, "trusted.pem");
  await writeFile(trusted, simulator.certificate?.pem ?? "");
  const child = spawn(binary, args, {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      GOVC_URL: simulator.url.href,
      GOVC_USERNAME: simulator.credentials.username,
      GOVC_PASSWORD: simulator.credentials.password,
      GOVC_PERSIST_SESSION: "false", // so that it logs out
      GOVC_TLS_CA_CERTS: trusted,
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 30_000,
  });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr };
}
