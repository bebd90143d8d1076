// CPU time of 10,000 idle leases on the default five-minute lease, the wire left out.
// Usage: node --expose-gc tooling/bench/lease/idle-leases.ts [SECONDS]
import { createClient, tokenAuth } from "@carrel/core";
import { inMemorySessions } from "./in-memory-sessions.ts";

const seconds = Number(process.argv[2] ?? 150);
const count = 10_000;
const server = inMemorySessions(300_000, Date.now);
const client = createClient({
  endpoint: "https://vc.example.test",
  auth: tokenAuth("t"),
  wire: "api",
  fetch: server.fetch,
});
for (let opened = 0; opened < count; opened++) await client.lease("item");
globalThis.gc?.();
const heapBefore = process.memoryUsage().heapUsed;
const cpuBefore = process.cpuUsage();
const start = performance.now();
await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
const wallMs = performance.now() - start;
const { user, system } = process.cpuUsage(cpuBefore);
globalThis.gc?.();
const heapAfter = process.memoryUsage().heapUsed;
const share = (user + system) / 1_000 / wallMs;
console.log(
  `${count} leases for ${seconds} s: ${server.renewals()} renewals, ${(share * 100).toFixed(2)} % of one core`,
);
console.log(`heap ${(heapBefore / 2 ** 20).toFixed(1)} MiB before, ${(heapAfter / 2 ** 20).toFixed(1)} MiB after`);
await client[Symbol.asyncDispose]();
