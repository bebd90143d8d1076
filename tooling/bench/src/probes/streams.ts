/**
 * Reads a file of an item into nothing in several ways, taking turns, and prints the medians and how they compare with
 * `fetch`. The server is the simulator, over plain HTTP, in a process of its own.
 * Arguments: MiB, rounds, ways separated by commas.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { medianOf } from "../run/statistics.ts";

interface Run {
  readonly way: string;
  readonly ms: number;
  readonly cpuMs: number;
  readonly verifiedBy: string;
}

const [mib = "800", rounds = "5", ways = "fetch,openTransfer,openFile,openItemFile"] = process.argv.slice(2);
const execute = promisify(execFile);
const server = spawn(process.execPath, [`${import.meta.dirname}/item-server.ts`, mib], {
  stdio: ["pipe", "pipe", "inherit"],
});
const [line] = (await once(createInterface(server.stdout), "line")) as [string];
const { url, itemId, credentials } = JSON.parse(line) as {
  readonly url: string;
  readonly itemId: string;
  readonly credentials: { readonly username: string; readonly password: string };
};
const runs: Run[] = [];
for (let round = 0; round < Number(rounds); round += 1) {
  for (const way of ways.split(",")) {
    const { username, password } = credentials;
    const sink = [`${import.meta.dirname}/stream-sink.ts`, way, url, itemId, username, password];
    const { stdout } = await execute(process.execPath, sink);
    runs.push(JSON.parse(stdout) as Run);
  }
}
server.stdin.end();
await once(server, "exit");

const rows = ways.split(",").map((way) => {
  const own = runs.filter((run) => run.way === way);
  return {
    way,
    rate: Number(mib) / (medianOf(own, (run) => run.ms) / 1000),
    cpu: medianOf(own, (run) => run.cpuMs) / 1000 / (Number(mib) / 1024),
    verifiedBy: own[0]?.verifiedBy,
  };
});
const baseline = rows.find(({ way }) => way === "fetch")?.rate ?? NaN;
console.table(
  rows.map(({ way, rate, cpu, verifiedBy }) => ({
    way,
    "MiB/s": Math.round(rate),
    "x fetch": Number((rate / baseline).toFixed(2)),
    "CPU s/GiB": Number(cpu.toFixed(2)),
    "verified by": verifiedBy,
  })),
);
