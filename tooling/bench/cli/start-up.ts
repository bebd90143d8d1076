// How long `carrel --version` takes beside `node -e 0`, which is all that Node itself needs. Aim: at most 1.5 times.
// Usage: node tooling/bench/cli/start-up.ts [rounds]
import process from "node:process";
import { median } from "../median.ts";
import { carrel, timeRun } from "./run.ts";

const rounds = Number(process.argv[2] ?? 15);
const ways: Readonly<Record<string, readonly string[]>> = {
  "node -e 0": ["-e", "0"],
  "carrel --version": [carrel, "--version"],
  "carrel --help": [carrel, "--help"],
  "carrel completion bash": [carrel, "completion", "bash"],
};
const times = new Map<string, number[]>(Object.keys(ways).map((way) => [way, []]));
for (let round = -1; round < rounds; round += 1) {
  for (const [way, args] of Object.entries(ways)) {
    const { ms } = await timeRun(process.execPath, args, process.env);
    // The first round warms the disk's cache.
    if (round >= 0) times.get(way)?.push(ms);
  }
}
const base = median(times.get("node -e 0") ?? []);
console.table(
  [...times].map(([way, each]) => ({
    way,
    "median ms": Number(median(each).toFixed(1)),
    ratio: Number((median(each) / base).toFixed(2)),
  })),
);
