/**
 * One file over a path with 40 ms of round trip and 1 % loss: one connection, four, and aria2c with four.
 * Arguments: MiB, rounds, ways separated by commas (all). Needs nginx and aria2 (`apt-get install nginx-light aria2`).
 */
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { median } from "../median.ts";
import { startLossyPath } from "./lossy-path.ts";
import { startNginx } from "./nginx.ts";

const [mib = "24", rounds = "3", chosen] = process.argv.slice(2);
const execute = promisify(execFile);
await using nginx = await startNginx(18_543);
const direct = new URL(await nginx.addFile(Number(mib) * 2 ** 20));
await using path = await startLossyPath(Number(direct.port), { roundTripMs: 40, lossRate: 0.01 });
const url = direct.href.replace(direct.port, String(path.port));

async function sink(way: string): Promise<number> {
  const { stdout } = await execute(process.execPath, [`${import.meta.dirname}/sink.ts`, way, url, nginx.thumbprint]);
  return (JSON.parse(stdout) as { ms: number }).ms;
}

const ways: Record<string, () => Promise<number>> = {
  openTransfer: () => sink("openTransfer"),
  openTransfer4: () => sink("openTransfer4"),
  "aria2c -x4 -s4": async () => {
    const started = performance.now();
    const folder = ["-d", "/dev/shm", "-o", "carrel-aria2"];
    const quiet = ["--check-certificate=false", "--allow-overwrite=true", "--file-allocation=none", "-q"];
    await execute("aria2c", ["-x4", "-s4", "-k1M", ...quiet, ...folder, url]);
    const ms = performance.now() - started;
    await rm("/dev/shm/carrel-aria2");
    return ms;
  },
};
const names = chosen?.split(",") ?? Object.keys(ways);
const times = new Map(names.map((way) => [way, [] as number[]]));
for (let round = 0; round < Number(rounds); round += 1) {
  for (const way of names) times.get(way)?.push((await ways[way]?.()) ?? NaN);
}
console.table(
  [...times].map(([way, all]) => ({
    way,
    "median s": (median(all) / 1000).toFixed(2),
    "MiB/s": ((Number(mib) * 1000) / median(all)).toFixed(2),
  })),
);
