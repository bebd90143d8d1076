/**
 * Reads a file of nginx's into nothing in several ways, taking turns, and prints the medians.
 * Arguments: MiB, rounds, ways separated by commas.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { medianOf } from "../median.ts";
import { startNginx } from "./nginx.ts";

interface Run {
  readonly way: string;
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakRssMiB: number;
}

const [mib = "2048", rounds = "5", ways = "https.get,openTransfer"] = process.argv.slice(2);
const execute = promisify(execFile);
await using nginx = await startNginx();
const url = await nginx.addFile(Number(mib) * 2 ** 20);
const runs: Run[] = [];
for (let round = 0; round < Number(rounds); round += 1) {
  for (const way of ways.split(",")) {
    const { stdout } = await execute(process.execPath, [`${import.meta.dirname}/sink.ts`, way, url, nginx.thumbprint]);
    runs.push(JSON.parse(stdout) as Run);
  }
}
const table = ways.split(",").map((way) => {
  const own = runs.filter((run) => run.way === way);
  return {
    way,
    "MiB/s": Math.round(Number(mib) / (medianOf(own, (run) => run.ms) / 1000)),
    "best MiB/s": Math.round(Number(mib) / (Math.min(...own.map((run) => run.ms)) / 1000)),
    "CPU s/GiB": Number((medianOf(own, (run) => run.cpuMs) / 1000 / (Number(mib) / 1024)).toFixed(2)),
    "peak RSS MiB": Math.round(medianOf(own, (run) => run.peakRssMiB)),
  };
});
console.table(table);
