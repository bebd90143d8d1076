/**
 * How long a simulator takes to start, over HTTP and over HTTPS with the process's certificate. Also the first ones of
 * the process, which load modules and make the certificate.
 *
 * node tooling/bench/simulator/start-up.ts [TIMES]
 */
import { startSimulator } from "@carrel/simulator";
import { median } from "../../run/statistics.ts";

const times = Number(process.argv[2] ?? 100);
const limits = { http: 30, https: 60 };

for (const [name, tls] of [
  ["http", false],
  ["https", true],
] as const) {
  const first = await startMs(tls);
  const later: number[] = [];
  for (let count = 0; count < times; count += 1) later.push(await startMs(tls));
  const middle = median(later);
  const worst = Math.max(...later);
  console.log(
    `${name.padEnd(5)} first ${first.toFixed(1)} ms, then median ${middle.toFixed(2)} ms, worst ${worst.toFixed(1)} ms ` +
      `(wanted: under ${limits[name]} ms)`,
  );
  if (middle >= limits[name]) process.exitCode = 1;
}

async function startMs(tls: boolean): Promise<number> {
  const startedAt = performance.now();
  await using simulator = await startSimulator({ tls });
  return simulator.url.port === "" ? Number.NaN : performance.now() - startedAt;
}
