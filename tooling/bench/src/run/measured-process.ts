import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import type { Sample } from "./bench.ts";

/** How to start a process that is measured. */
export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

let started = 0;

/**
 * Runs a command to its end under GNU time, which counts the CPU time of it and of its children, and the largest of them.
 * Resolves with the sample, with what it printed, and when it printed first. Rejects where it ends with another exit code than 0.
 */
export async function measured(
  command: readonly string[],
  { env = process.env, cwd }: ProcessOptions = {},
): Promise<{ readonly sample: Sample; readonly stdout: string; readonly firstMs: number }> {
  const figures = join(tmpdir(), `carrel-bench-time-${process.pid}-${(started += 1)}`);
  const startedAt = performance.now();
  const child = spawn("/usr/bin/time", ["-q", "-f", "%U %S %M", "-o", figures, ...command], {
    env,
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  let firstMs = Number.NaN;
  child.stdout.once("data", () => (firstMs = performance.now() - startedAt));
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  const ms = performance.now() - startedAt;
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${stderr.slice(-2_000)}`);
  const [user = 0, system = 0, kibibytes = 0] = (await readFile(figures, "utf8")).trim().split(" ").map(Number);
  await rm(figures);
  return { sample: { ms, cpuMs: (user + system) * 1_000, peakMiB: kibibytes / 1_024 }, stdout, firstMs };
}

/** The same for a line of bash, which ends at the first command that fails. */
export async function measuredShell(line: string, options?: ProcessOptions): Promise<Sample> {
  return (await measured(["/bin/bash", "-euo", "pipefail", "-c", line], options)).sample;
}

/** The same for one of the programs in `programs/`, with one argument of JSON. What it prints as JSON are its counts. */
export async function measuredProgram(name: string, input: object, flags: readonly string[] = []): Promise<Sample> {
  const file = join(import.meta.dirname, "..", "programs", `${name}.ts`);
  const { sample, stdout } = await measured([process.execPath, ...flags, file, JSON.stringify(input)]);
  return { ...sample, counts: JSON.parse(stdout) as Record<string, number> };
}
