// 10,000 leases for 24 virtual hours, the wire left out: none lost, none late, the heap flat.
// Usage: node --expose-gc tooling/bench/lease/day-of-leases.ts [LEASES] [VIRTUAL-HOURS]
import { createClient, tokenAuth } from "@carrel/core";
import type { DownloadLease } from "@carrel/core";
import { virtualClock } from "@carrel/simulator";
import { inMemorySessions } from "./in-memory-sessions.ts";

const count = Number(process.argv[2] ?? 10_000);
const hours = Number(process.argv[3] ?? 24);
const lifeMs = 300_000;
const clock = virtualClock();
const server = inMemorySessions(lifeMs, () => clock.wall());
const client = createClient({
  endpoint: "https://vc.example.test",
  auth: tokenAuth("t"),
  wire: "api",
  fetch: server.fetch,
  clock,
});
const requests = { inFlight: 0 };
client.onDiagnostic((event) => {
  if (event.type === "request") requests.inFlight += 1;
  if (event.type === "response" || event.type === "failure") requests.inFlight -= 1;
});
const leases: DownloadLease[] = [];
for (let opened = 0; opened < count; opened++) leases.push(await client.lease("item"));

let most = 0;
let leastLeftMs = Infinity;
const heaps: string[] = [];
for (let second = 1; second <= hours * 3_600; second++) {
  const before = server.renewals();
  await clock.advance(1_000);
  while (requests.inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
  if (second > 600) most = Math.max(most, server.renewals() - before);
  if (second % 600 === 0) {
    for (const lease of leases) {
      const snapshot = lease.getSnapshot();
      if (snapshot.phase === "active")
        leastLeftMs = Math.min(leastLeftMs, snapshot.session.expiresAt.getTime() - clock.wall());
    }
  }
  if (second % 7_200 === 0) {
    globalThis.gc?.();
    heaps.push((process.memoryUsage().heapUsed / 2 ** 20).toFixed(1));
  }
}
const active = leases.filter((lease) => lease.getSnapshot().phase === "active").length;
console.log(`${count} leases, ${hours} virtual hours: ${server.renewals()} renewals, ${active} still active`);
console.log(`least time left before a renewal, sampled: ${Math.round(leastLeftMs / 1_000)} s of ${lifeMs / 1_000}`);
console.log(
  `most renewals in one second after the first ten minutes: ${most} (even would be ${Math.round((count * 1_000) / 95_000)})`,
);
console.log(`heap each two virtual hours (MiB): ${heaps.join(" ")}`);
await client[Symbol.asyncDispose]();
console.log(`timers after disposal: ${clock.pending}`);
