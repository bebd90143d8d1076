// CPU time of 10,000 idle leases on the default five-minute lease, the wire left out: fetch answers from memory.
// Usage: node --expose-gc tooling/bench/lease/idle-leases.ts [SECONDS]
import { createClient, tokenAuth } from "@carrel/core";

const seconds = Number(process.argv[2] ?? 60);
const leases = 10_000;
const lifeMs = 300_000;
let renewals = 0;

const answer: typeof fetch = async (input) => {
  const { method, url } = input as Request;
  const now = Date.now();
  const headers = { date: new Date(now).toUTCString(), "content-type": "application/json" };
  if (method === "POST" && url.endsWith("/download-session")) return new Response('"s:1"', { status: 201, headers });
  if (method !== "GET") {
    if (method === "POST") renewals += 1;
    return new Response(null, { status: 204, headers });
  }
  const model = {
    library_item_id: "item",
    library_item_content_version: "1",
    client_progress: 0,
    state: "ACTIVE",
    expiration_time: new Date(now + lifeMs).toISOString(),
  };
  return new Response(JSON.stringify(model), { status: 200, headers });
};

const client = createClient({ endpoint: "https://vc.example.test", auth: tokenAuth("t"), wire: "api", fetch: answer });
for (let opened = 0; opened < leases; opened++) await client.lease("item");
globalThis.gc?.();
const heapBefore = process.memoryUsage().heapUsed;
const cpuBefore = process.cpuUsage();
const start = performance.now();
renewals = 0;
await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
const wallMs = performance.now() - start;
const { user, system } = process.cpuUsage(cpuBefore);
globalThis.gc?.();
const heapAfter = process.memoryUsage().heapUsed;
const share = (user + system) / 1_000 / wallMs;
console.log(`${leases} leases for ${seconds} s: ${renewals} renewals, ${(share * 100).toFixed(2)} % of one core`);
console.log(`heap ${(heapBefore / 2 ** 20).toFixed(1)} MiB before, ${(heapAfter / 2 ** 20).toFixed(1)} MiB after`);
await client[Symbol.asyncDispose]();
