// A transfer of a minute under a lease of five seconds, read by a consumer that stalls for twenty: arrives whole, and the
// lease is renewed as often as needed and not much more.
// Usage: node tooling/bench/lease/slow-transfer.ts
import { createHash } from "node:crypto";
import { createClient, passwordAuth } from "@carrel/core";
import { openFile } from "@carrel/node-stream";
import { startSimulator } from "@carrel/simulator";

const lifeMs = 5_000;
const sizeBytes = 64 * 2 ** 20;
const readMs = 40_000;
const stallMs = 20_000;

await using simulator = await startSimulator({
  lease: { lifeMs, activity: ["downloadSession.keepAlive"] },
  libraries: [{ name: "images", items: [{ name: "one", files: [{ name: "disk.img", seed: 7, sizeBytes }] }] }],
});
const start = performance.now();
const digest = createHash("sha256");
let receivedBytes = 0;
{
  await using client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials) });
  const [itemId = ""] = await client.item.find({ name: "one" });
  await using lease = await client.lease(itemId);
  const stream = await openFile(lease, "disk.img", { maxBytesPerSecond: sizeBytes / (readMs / 1_000) });
  let stalled = false;
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    digest.update(bytes);
    receivedBytes += bytes.length;
    if (stalled || receivedBytes < sizeBytes / 2) continue;
    stalled = true;
    await new Promise((resolve) => setTimeout(resolve, stallMs));
  }
}
const seconds = (performance.now() - start) / 1_000;
const renewals = simulator.journal.filter((exchange) => exchange.operation === "downloadSession.keepAlive");
const overlapping = renewals.filter((exchange, index) => {
  const before = renewals[index - 1];
  return before !== undefined && exchange.startedAtMs < before.startedAtMs + (before.durationMs ?? Infinity);
});
const needed = (seconds * 1_000) / (lifeMs / 3);
console.log(
  `${receivedBytes} of ${sizeBytes} bytes in ${seconds.toFixed(1)} s, sha256 ${digest.digest("hex").slice(0, 16)}...`,
);
console.log(
  `${renewals.length} renewals, ${(renewals.length / needed).toFixed(2)} x one per third of the lease; overlapping: ${overlapping.length}`,
);
console.log(`open sessions: ${simulator.openSessions.length}`);
