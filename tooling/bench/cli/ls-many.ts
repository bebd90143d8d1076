// `carrel ls --sort none` of a library of many items on the simulator over TLS: the first line (aim: under 1 s), all of it, and calls.
// Usage: node tooling/bench/cli/ls-many.ts [items] [rounds]
import process from "node:process";
import { startSimulator } from "@carrel/simulator";
import { median } from "../median.ts";
import { carrel, environmentFor, timeRun } from "./run.ts";

const [items = "2000", rounds = "7"] = process.argv.slice(2);
await using simulator = await startSimulator({
  tls: true,
  libraries: [
    { name: "Many", items: Array.from({ length: Number(items) }, (_, index) => ({ name: `item-${index}` })) },
  ],
});
const runs = [];
for (let round = -1; round < Number(rounds); round += 1) {
  const before = simulator.journal.length;
  const run = await timeRun(process.execPath, [carrel, "ls", "Many", "--sort", "none"], environmentFor(simulator));
  const asked = simulator.journal.slice(before);
  const inFlight = mostAtOnce(asked.map(({ startedAtMs, durationMs = 0 }) => [startedAtMs, startedAtMs + durationMs]));
  if (round >= 0) runs.push({ ...run, calls: asked.length, inFlight });
}
console.table([
  {
    items: Number(items),
    "first line, ms": Math.round(median(runs.map(({ firstMs }) => firstMs))),
    "all, ms": Math.round(median(runs.map(({ ms }) => ms))),
    calls: median(runs.map(({ calls }) => calls)),
    "calls besides one for each item": median(runs.map(({ calls }) => calls)) - Number(items),
    "calls in flight, at most": Math.max(...runs.map(({ inFlight }) => inFlight)),
  },
]);

function mostAtOnce(spans: readonly (readonly [number, number])[]): number {
  const changes = spans.flatMap(([from, to]) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ]);
  let [now, most] = [0, 0];
  for (const { by } of changes.toSorted((a, b) => a.at - b.at || a.by - b.by)) most = Math.max(most, (now += by));
  return most;
}
