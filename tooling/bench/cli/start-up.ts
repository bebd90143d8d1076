// How long `carrel --version` takes beside `node -e 0`, which is all that Node itself needs (aim: at most 1.5 times), and `carrel ls`
// to its first line, on the simulator over TLS, also where each answer takes 40 ms (aim: under 0.5 s).
// Wall times depend on what else the machine does; CPU times hardly do.
// Usage: node tooling/bench/cli/start-up.ts [rounds]
import process from "node:process";
import { startSimulator } from "@carrel/simulator";
import type { Simulator } from "@carrel/simulator";
import { medianOf } from "../median.ts";
import { carrel, environmentFor, reportingCpu, timeRun } from "./run.ts";
import type { TimedRun } from "./run.ts";

const rounds = Number(process.argv[2] ?? 15);
await using prompt = await simulatorAfter(0);
await using slow = await simulatorAfter(40);
const none = { PATH: process.env["PATH"] ?? "" };
const ways: Readonly<Record<string, readonly [args: readonly string[], env: Readonly<Record<string, string>>]>> = {
  "node -e 0": [["-e", "0"], none],
  "carrel --version": [[carrel, "--version"], none],
  "carrel --help": [[carrel, "--help"], none],
  "carrel completion bash": [[carrel, "completion", "bash"], none],
  "carrel ls": [[carrel, "ls"], environmentFor(prompt)],
  "carrel ls, 40 ms an answer": [[carrel, "ls"], environmentFor(slow)],
};
const runs = new Map<string, TimedRun[]>(Object.keys(ways).map((way) => [way, []]));
for (let round = -1; round < rounds; round += 1) {
  for (const [way, [args, env]] of Object.entries(ways)) {
    const run = await timeRun(process.execPath, args, { ...env, ...reportingCpu });
    // The first round warms the disk's cache.
    if (round >= 0) runs.get(way)?.push(run);
  }
}
const base = medianOf(runs.get("node -e 0") ?? [], ({ cpuMs }) => cpuMs);
console.table(
  [...runs].map(([way, each]) => ({
    way,
    "first line, ms": Math.round(medianOf(each, ({ firstMs }) => firstMs)),
    "all, ms": Math.round(medianOf(each, ({ ms }) => ms)),
    "CPU, ms": Math.round(medianOf(each, ({ cpuMs }) => cpuMs)),
    "least CPU, ms": Math.round(Math.min(...each.map(({ cpuMs }) => cpuMs))),
    "CPU ratio": Number((medianOf(each, ({ cpuMs }) => cpuMs) / base).toFixed(2)),
  })),
);

async function simulatorAfter(delayMs: number): Promise<Simulator> {
  const libraries = ["Images", "Templates", "Tools"].map((name) => ({
    name,
    items: [{ name: "one" }, { name: "two" }],
  }));
  return await startSimulator({
    tls: true,
    libraries,
    faults: delayMs > 0 ? [{ on: "*", kind: "delay", delayMs, times: "always" }] : [],
  });
}
