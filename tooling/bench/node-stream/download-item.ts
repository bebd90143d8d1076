/**
 * Wall time, CPU and memory of a verified download to disk, side by side: `downloadItem`; curl and openssl one after the
 * other, with and without a sync; curl alone. Takes turns and prints medians.
 * Arguments: MiB, rounds, folder on the disk to write to, ways separated by commas.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { medianOf } from "../median.ts";
import { startNginx } from "./nginx.ts";

interface Run {
  readonly way: string;
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakRssMiB: number;
}

const [
  mib = "2048",
  rounds = "5",
  disk = tmpdir(),
  chosen = "downloadItem,curl+openssl,curl+openssl+sync,curl,curl+sync",
] = process.argv.slice(2);
const bytes = Number(mib) * 2 ** 20;
const ways = chosen.split(",");
await using nginx = await startNginx(18_543);
const url = await nginx.addFile(bytes);
const digest = await digestOf(url);

const folder = await mkdtemp(join(disk, "carrel-bench-"));
const file = join(folder, "disk-0.vmdk");
const curl = `curl -sS --cacert ${nginx.pemPath} -o ${file} ${url}`;
const commands: Record<string, string> = {
  "curl+openssl": `${curl} && openssl dgst -sha256 ${file}`,
  "curl+openssl+sync": `${curl} && openssl dgst -sha256 ${file} && sync ${file}`,
  curl,
  "curl+sync": `${curl} && sync ${file}`,
};

async function digestOf(address: string): Promise<string> {
  const { stdout } = await promisify(execFile)("/bin/bash", [
    "-c",
    `curl -sS --cacert ${nginx.pemPath} ${address} | openssl dgst -sha256 -r`,
  ]);
  return stdout.slice(0, 64);
}

async function measure(way: string): Promise<Run> {
  await rm(file, { force: true });
  // Nothing of the round before may still be on its way to the disk.
  await promisify(execFile)("sync");
  const command = commands[way];
  if (command === undefined) {
    const args = [join(import.meta.dirname, "get-item.ts"), url, nginx.thumbprint, folder, digest, String(bytes)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return { way, ...(JSON.parse(stdout) as Omit<Run, "way">) };
  }
  const startedAt = performance.now();
  const shell = spawn("/bin/bash", ["-c", `TIMEFORMAT='%U %S'; time { ${command} >/dev/null; }`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let times = "";
  shell.stderr.setEncoding("utf8").on("data", (text: string) => (times += text));
  const [code] = (await once(shell, "close")) as [number];
  if (code !== 0) throw new Error(`${way} failed: ${times}`);
  const cpuMs = times
    .trim()
    .split(" ")
    .reduce((sum, seconds) => sum + Number(seconds) * 1000, 0);
  return { way, ms: performance.now() - startedAt, cpuMs, peakRssMiB: NaN };
}

try {
  const runs: Run[] = [];
  for (let round = 0; round < Number(rounds); round++) for (const way of ways) runs.push(await measure(way));
  const rows = ways.map((way) => {
    const own = runs.filter((run) => run.way === way);
    return {
      way,
      s: Number((medianOf(own, ({ ms }) => ms) / 1000).toFixed(2)),
      "CPU s/GiB": Number((medianOf(own, ({ cpuMs }) => cpuMs) / 1000 / (bytes / 2 ** 30)).toFixed(2)),
      "peak RSS MiB": Math.round(medianOf(own, ({ peakRssMiB }) => peakRssMiB)),
    };
  });
  console.table(rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}
