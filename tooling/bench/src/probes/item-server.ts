/**
 * A simulator with one item of one file, in a process of its own. Prints one line of JSON when it is ready, and serves
 * until its standard input ends.
 * Argument: MiB.
 */
import { once } from "node:events";
import { startSimulator } from "@carrel/simulator";

const [mib = "800"] = process.argv.slice(2);
await using simulator = await startSimulator({
  report: { checksum: "always" },
  libraries: [
    { name: "bench", items: [{ name: "one", files: [{ name: "disk-0.vmdk", sizeBytes: Number(mib) * 2 ** 20 }] }] },
  ],
});
const item = simulator.inventory.item("bench/one");
process.stdout.write(
  `${JSON.stringify({ url: simulator.url, itemId: item.id, credentials: simulator.credentials })}\n`,
);
await once(process.stdin.resume(), "end");
