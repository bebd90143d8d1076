/**
 * A seeded virtual file of the simulator against the same number of bytes from nginx, which serves a file from memory:
 * both in a process of their own, over TLS, to the same client, turn by turn. Needs nginx (`apt-get install nginx-light`).
 *
 * node tooling/bench/simulator/throughput.ts [MEBIBYTES] [ROUNDS]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:https";
import { createInterface } from "node:readline";
import { startNginx } from "../../servers/nginx.ts";
import { median } from "../../run/statistics.ts";
import { prepareFile } from "./shared.ts";
import type { Served } from "./shared.ts";

const sizeBytes = Number(process.argv[2] ?? 1024) * 2 ** 20;
const rounds = Number(process.argv[3] ?? 5);

const child = spawn(process.execPath, [new URL("serve.ts", import.meta.url).pathname, String(sizeBytes)], {
  stdio: ["pipe", "pipe", "inherit"],
});
const [line] = (await once(createInterface(child.stdout), "line")) as [string];
const served = JSON.parse(line) as Served;
await using nginx = await startNginx(28_443);
const places = {
  simulator: { url: await prepareFile(served), agent: new Agent({ ca: served.pem, keepAlive: true }) },
  nginx: { url: await nginx.addFile(sizeBytes), agent: new Agent({ ca: nginx.pem, keepAlive: true }) },
};
const rates: Record<keyof typeof places, number[]> = { simulator: [], nginx: [] };
for (let round = 0; round <= rounds; round += 1) {
  for (const name of ["nginx", "simulator"] as const) {
    const rate = await fetchRate(places[name].url, places[name].agent);
    // The first round warms both up.
    if (round > 0) rates[name].push(rate);
  }
}
for (const { agent } of Object.values(places)) agent.destroy();
child.stdin.end();

const [ours, theirs] = [median(rates.simulator), median(rates.nginx)];
for (const [name, values] of Object.entries(rates)) {
  console.log(
    `${name.padEnd(10)} ${median(values).toFixed(0)} MiB/s  (${values.map((rate) => rate.toFixed(0)).join(", ")})`,
  );
}
console.log(`simulator / nginx: ${(ours / theirs).toFixed(2)} (wanted: at least 0.80)`);
process.exitCode = ours / theirs >= 0.8 ? 0 : 1;

/** MiB per second of one download into nothing. */
async function fetchRate(url: string, agent: Agent): Promise<number> {
  const startedAt = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  get(url, { agent }, (response) => {
    let received = 0;
    response.on("data", (chunk: Buffer) => (received += chunk.length));
    response.on("end", () => resolve(received));
    response.on("error", reject);
  }).on("error", reject);
  const received = await promise;
  if (received !== sizeBytes) throw new Error(`${received} bytes came, not ${sizeBytes}`);
  return received / 2 ** 20 / ((performance.now() - startedAt) / 1000);
}
