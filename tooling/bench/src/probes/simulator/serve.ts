/** A simulator in a process of its own: prints where to fetch a virtual file, and serves until its input ends. */
import { startSimulator } from "@carrel/simulator";

const sizeBytes = Number(process.argv[2]);
await using simulator = await startSimulator({
  tls: true,
  libraries: [{ name: "bench", items: [{ name: "item", files: [{ name: "virtual.bin", sizeBytes }] }] }],
});
process.stdout.write(
  `${JSON.stringify({
    origin: simulator.url.origin,
    pem: simulator.certificate?.pem,
    credentials: simulator.credentials,
    itemId: simulator.inventory.item("bench/item").id,
  })}\n`,
);
for await (const line of process.stdin) void line;
