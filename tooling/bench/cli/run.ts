import { spawn } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import process from "node:process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Simulator } from "@carrel/simulator";

/** The built command line. */
export const carrel: string = fileURLToPath(new URL("../../../apps/cli/dist/main.js", import.meta.url));

/** How a run went, in milliseconds of wall time. */
export interface TimedRun {
  readonly ms: number;
  /** Until the first output. */
  readonly firstMs: number;
  /** CPU time, of user and system. `NaN` where {@link reportingCpu} is not in the environment. */
  readonly cpuMs: number;
}

/** Has Node say how much CPU time it took. Unlike wall time, it says the same on a busy machine. */
export const reportingCpu = {
  NODE_OPTIONS: `--require=${fileURLToPath(new URL("report-cpu.cjs", import.meta.url))}`,
} as const;

/** Runs a command to its end. Throws if it fails. */
export async function timeRun(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd?: string,
): Promise<TimedRun> {
  const started = performance.now();
  const child = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const [, stdout, errors, report] = child.stdio as readonly (Readable | null)[];
  if (!stdout || !errors || !report) throw new Error("A pipe is missing");
  let firstMs = Number.NaN;
  stdout.once("data", () => (firstMs = performance.now() - started));
  stdout.resume();
  let stderr = "";
  errors.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  let cpu = "";
  report.setEncoding("utf8").on("data", (text: string) => (cpu += text));
  const [code] = (await once(child, "close")) as [number | null];
  const ms = performance.now() - started;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${stderr}`);
  return { ms, firstMs, cpuMs: cpu === "" ? Number.NaN : Number(cpu) };
}

/** The environment with which carrel reaches a simulator. */
export function environmentFor({ url, credentials, certificate }: Simulator): Readonly<Record<string, string>> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: "/nonexistent",
    VSPHERE_SERVER: url.href,
    VSPHERE_USER: credentials.username,
    VSPHERE_PASSWORD: credentials.password,
    VSPHERE_THUMBPRINT: certificate?.sha256 ?? "",
  };
}
