// Leases on the simulator for a virtual hour. Prints its counts as JSON.
import process from "node:process";
import { createClient, passwordAuth } from "@carrel/core";
import type { DownloadLease } from "@carrel/core";
import { startSimulator, virtualClock } from "@carrel/simulator";

/** How many leases for how long. */
export interface LeasesInput {
  readonly leases: number;
  readonly minutes: number;
}

const { leases: count, minutes } = JSON.parse(process.argv[2] ?? "{}") as LeasesInput;
const clock = virtualClock();
const simulator = await startSimulator({
  clock,
  journalLimit: 0,
  apiSessions: { idleMs: Infinity, absoluteMs: Infinity },
  libraries: [{ name: "images", items: [{ name: "one", files: [{ name: "a.txt", text: "a" }] }] }],
});
const client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials), clock });
const requests = { inFlight: 0 };
let renewals = 0;
client.onDiagnostic((event) => {
  if (event.type === "request") requests.inFlight += 1;
  if (event.type === "response" || event.type === "failure") requests.inFlight -= 1;
  if (event.type === "response" && event.operation === "downloadSession.keepAlive") renewals += 1;
});
const [itemId = ""] = await client.item.find({ name: "one" });
const leases: DownloadLease[] = [];
for (let opened = 0; opened < count; opened += 100) {
  const batch = Array.from({ length: Math.min(100, count - opened) }, () => client.lease(itemId));
  leases.push(...(await Promise.all(batch)));
}
const before = process.cpuUsage();
let mostInOneSecond = 0;
for (let second = 0; second < minutes * 60; second += 1) {
  const already = renewals;
  await clock.advance(1_000);
  while (requests.inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
  mostInOneSecond = Math.max(mostInOneSecond, renewals - already);
}
const { user, system } = process.cpuUsage(before);
const active = leases.filter((lease) => lease.getSnapshot().phase === "active").length;
if (active !== count) throw new Error(`${count - active} of ${count} leases were lost`);
await Promise.all(leases.map((lease) => lease[Symbol.asyncDispose]()));
await client[Symbol.asyncDispose]();
await simulator[Symbol.asyncDispose]();
// A lease of 300 s is renewed after a third of it, less some chance: 95 s on average.
const least = (count * minutes * 60) / 95;
process.stdout.write(
  JSON.stringify({
    renewals,
    "renewals of the least": renewals / least,
    "most in 1 s": mostInOneSecond,
    "CPU ms a renewal": (user + system) / 1_000 / renewals,
  }),
);
