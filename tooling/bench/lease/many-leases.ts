// Many leases on the simulator in virtual time: renewals are spread, none is late, the heap stays flat.
// Usage: node --expose-gc tooling/bench/lease/many-leases.ts [LEASES] [VIRTUAL-MINUTES]
import { createClient, passwordAuth } from "@carrel/core";
import type { DownloadLease } from "@carrel/core";
import { startSimulator, virtualClock } from "@carrel/simulator";

const count = Number(process.argv[2] ?? 10_000);
const minutes = Number(process.argv[3] ?? 30);
const stepMs = 1_000;

const clock = virtualClock();
const simulator = await startSimulator({
  clock,
  journalLimit: 0,
  apiSessions: { idleMs: Infinity, absoluteMs: Infinity },
  libraries: [{ name: "images", items: [{ name: "one", files: [{ name: "a.txt", text: "a" }] }] }],
});
const client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials), clock });
const requests = { inFlight: 0 };
let renewed = 0;
client.onDiagnostic((event) => {
  if (event.type === "request") requests.inFlight += 1;
  if (event.type === "response" || event.type === "failure") requests.inFlight -= 1;
  if (event.type === "response" && event.operation === "downloadSession.keepAlive") renewed += 1;
});

const [itemId = ""] = await client.item.find({ name: "one" });
const leases: DownloadLease[] = [];
for (let opened = 0; opened < count; opened += 100) {
  leases.push(
    ...(await Promise.all(Array.from({ length: Math.min(100, count - opened) }, () => client.lease(itemId)))),
  );
}

const perSecond: number[] = [];
const heaps: number[] = [];
const cpuBefore = process.cpuUsage();
for (let second = 0; second < minutes * 60; second++) {
  const before = renewed;
  await clock.advance(stepMs);
  while (requests.inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
  perSecond.push(renewed - before);
  if (second % 300 === 299) {
    globalThis.gc?.();
    heaps.push(process.memoryUsage().heapUsed / 2 ** 20);
  }
}
const cpu = process.cpuUsage(cpuBefore);
const phases = new Map<string, number>();
for (const lease of leases) phases.set(lease.getSnapshot().phase, (phases.get(lease.getSnapshot().phase) ?? 0) + 1);
const ideal = (count * minutes * 60_000) / 95_000;
console.log(
  `${count} leases, ${minutes} virtual minutes: ${renewed} renewals (one each 95 s would be ${Math.round(ideal)})`,
);
console.log(
  `most in one second: ${Math.max(...perSecond)}, in the last five minutes: ${Math.max(...perSecond.slice(-300))}`,
);
console.log(
  `phases: ${JSON.stringify(Object.fromEntries(phases))}; open on the server: ${simulator.openSessions.length}`,
);
console.log(`heap each five virtual minutes (MiB): ${heaps.map((heap) => heap.toFixed(1)).join(" ")}`);
console.log(`CPU ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s, client and simulator together`);
await Promise.all(leases.map((lease) => lease[Symbol.asyncDispose]()));
await client[Symbol.asyncDispose]();
console.log(`after disposal: open on the server: ${simulator.openSessions.length}, timers: ${clock.pending}`);
await simulator[Symbol.asyncDispose]();
