import { cp } from "node:fs/promises";
import { join } from "node:path";
import { startSimulator } from "@carrel/simulator";
import type { Simulator } from "@carrel/simulator";
import type { Bench, Sample } from "../run/bench.ts";
import { carrel, carrelEnvironment } from "../run/carrel.ts";
import { measured, measuredShell } from "../run/measured-process.ts";
import { missing } from "../run/peers.ts";
import { startNginx } from "../servers/nginx.ts";

/** A mirror that is up to date, or nearly: what a run from cron costs. */
export const mirror: Bench = {
  name: "mirror",
  work: "A mirror of 2,000 items in which nothing changed, and 20 items.",
  async measure({ isQuick, scratch }, turns) {
    const items = Array.from({ length: isQuick ? 100 : 2_000 }, (_, index) => {
      return { name: `item-${index}`, files: [{ name: "disk.img", sizeBytes: 1_024 }] };
    });
    await using simulator = await startSimulator({ tls: true, libraries: [{ name: "Bench", items }] });
    const directory = join(scratch, "mirror");
    await runMirror(simulator, directory);
    await using nginx = await startNginx();
    await cp(directory, join(nginx.files, "mirror"), { recursive: true });
    const check = `rclone check --one-way --size-only --ca-cert ${nginx.pemPath} --http-url ${nginx.origin}/mirror/ :http: ${directory}`;
    await turns({
      name: "nothing changed",
      base: "carrel mirror",
      ways: [
        { name: "carrel mirror", run: () => runMirror(simulator, directory) },
        { name: "rclone check, sizes", missing: missing("rclone"), run: () => measuredShell(check) },
      ],
      // One list of the items, one of the library, one look at each item, login, logout, probe.
      aims: [{ way: "carrel mirror", figure: "calls an item", atMost: 1.05 }],
    });
    let at = 0;
    await turns({
      name: "20 changed",
      base: "carrel mirror",
      ways: [
        {
          name: "carrel mirror",
          async run() {
            for (let count = 0; count < 20; count += 1) {
              at = (at + 1) % items.length;
              simulator.inventory
                .item(`Bench/item-${at}`)
                .putFile({ name: "disk.img", sizeBytes: 1_024 + at, seed: at });
            }
            return await runMirror(simulator, directory);
          },
        },
      ],
      aims: [],
    });
  },
};

async function runMirror(simulator: Simulator, directory: string): Promise<Sample> {
  const before = simulator.journal.length;
  const command = [process.execPath, carrel, "mirror", "Bench", directory];
  const { sample } = await measured(command, { env: carrelEnvironment(simulator) });
  const calls = simulator.journal.length - before;
  const items = simulator.inventory.library("Bench").items.length;
  return { ...sample, counts: { calls, "calls an item": calls / items } };
}
