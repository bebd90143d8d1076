// 100,000 calls of one client, each with a time limit, all under one long-lived signal: does anything pile up?
// Usage: node --expose-gc tooling/bench/core/calls-flat.ts [CALLS]
import { getEventListeners } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { createClient, tokenAuth } from "@carrel/core";

const calls = Number(process.argv[2] ?? 100_000);
const concurrent = 10;
const rounds = 10;
if (!globalThis.gc) throw new Error("Run it with node --expose-gc, so that the heap can be measured.");
const collect = globalThis.gc;

const answer = JSON.stringify(["8f7c1d52-0a4e-4b0f-9f0c-2f2f0d1a7b11"]);
const server = createServer((_, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(answer);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const client = createClient({ endpoint, auth: tokenAuth("t"), wire: "api" });
const { signal } = new AbortController();

async function run(count: number): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: concurrent }, async () => {
      while (left-- > 0) await client.library.list({ signal });
    }),
  );
}

async function measure(): Promise<{ readonly heapBytes: number; readonly text: string }> {
  // What was answered in this turn of the event loop is let go in the next ones.
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  const heapBytes = process.memoryUsage().heapUsed;
  const count = (kind: string): number => process.getActiveResourcesInfo().filter((name) => name === kind).length;
  const text = [
    `heap ${(heapBytes / 1e6).toFixed(2)} MB`,
    `listeners of the signal ${getEventListeners(signal, "abort").length}`,
    `sockets ${count("TCPSocketWrap")} (both ends)`,
    `timers ${count("Timeout")}`,
  ].join(", ");
  return { heapBytes, text };
}

const start = performance.now();
const heaps: number[] = [];
for (let round = 1; round <= rounds; round++) {
  await run(calls / rounds);
  const { heapBytes, text } = await measure();
  heaps.push(heapBytes);
  console.log(`${(calls / rounds) * round} calls: ${text}`);
}
// The first two rounds are the warm-up: until then code is compiled and connections are opened.
const grown = (heaps.at(-1) ?? Number.NaN) - (heaps[1] ?? Number.NaN);
const counted = calls - (2 * calls) / rounds;
console.log(
  `${calls} calls in ${((performance.now() - start) / 1000).toFixed(1)} s; in the last ${counted} the heap changed by ` +
    `${(grown / 1000).toFixed(0)} kB, ${(grown / counted).toFixed(1)} bytes a call`,
);
await client[Symbol.asyncDispose]();
server.closeAllConnections();
server.close();
