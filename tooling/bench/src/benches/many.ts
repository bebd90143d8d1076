import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient, passwordAuth } from "@carrel/core";
import { createNodeFetch } from "@carrel/node-stream";
import { startSimulator } from "@carrel/simulator";
import type { Simulator } from "@carrel/simulator";
import type { Bench, Sample } from "../run/bench.ts";
import { carrel, carrelEnvironment, govcEnvironment } from "../run/carrel.ts";
import { emptied } from "../run/emptied.ts";
import { measured, measuredShell } from "../run/measured-process.ts";
import { missing, pathOf } from "../run/peers.ts";

/** Many small files: the price of a file. */
export const many: Bench = {
  name: "many",
  work: "All files of one item over TLS to the disk, from a server that answers each request after some milliseconds.",
  async measure({ isQuick, scratch }, turns) {
    const shapes = isQuick
      ? [{ files: 40, sizeBytes: 65_536 }]
      : [
          { files: 500, sizeBytes: 2 * 2 ** 20 },
          { files: 2_000, sizeBytes: 65_536 },
        ];
    for (const shape of shapes) {
      for (const delayMs of isQuick ? [0, 5] : [0, 1, 5, 20]) await measureItem(shape, delayMs, scratch, turns);
    }
  },
};

async function measureItem(
  shape: { readonly files: number; readonly sizeBytes: number },
  delayMs: number,
  scratch: string,
  turns: Parameters<Bench["measure"]>[1],
): Promise<void> {
  const names = Array.from({ length: shape.files }, (_, index) => `file-${index}.bin`);
  await using simulator = await startSimulator({
    tls: true,
    faults:
      delayMs === 0 ? [] : (["*", "transfer"] as const).map((on) => ({ on, kind: "delay", delayMs, times: "always" })),
    libraries: [
      { name: "Bench", items: [{ name: "many", files: names.map((name) => ({ name, sizeBytes: shape.sizeBytes })) }] },
    ],
  });
  const directory = join(scratch, "out");
  const govc = await govcEnvironment(simulator, scratch);
  const complete = async (run: () => Promise<Sample>): Promise<Sample> => {
    await emptied(directory);
    const sample = await run();
    const arrived = (await readdir(directory)).filter((name) => name.endsWith(".bin"));
    if (arrived.length !== names.length) throw new Error(`${arrived.length} of ${names.length} files arrived`);
    return sample;
  };
  await turns({
    name: `${shape.files} files of ${shape.sizeBytes / 1_024} KiB, ${delayMs} ms an answer`,
    base: "govc library.export",
    rounds: 5,
    ways: [
      {
        name: "carrel get",
        run: () =>
          complete(async () => {
            const command = [process.execPath, carrel, "get", "Bench/many", "-o", directory];
            return (await measured(command, { env: carrelEnvironment(simulator) })).sample;
          }),
      },
      {
        name: "govc library.export",
        missing: missing("govc"),
        run: () =>
          complete(async () => {
            const command = [pathOf("govc") ?? "", "library.export", "/Bench/many"];
            return (await measured(command, { env: govc, cwd: directory })).sample;
          }),
      },
      { name: "curl --parallel, bare URLs", run: () => complete(() => runCurl(simulator, scratch, directory)) },
    ],
    aims: delayMs === 0 ? [] : [{ way: "carrel get", figure: "ms", against: "govc library.export", atMost: 0.5 }],
  });
}

// The URLs are asked for before the measure begins: what is left is the transfer alone.
async function runCurl(simulator: Simulator, scratch: string, directory: string): Promise<Sample> {
  await using fetch = createNodeFetch({ thumbprint: simulator.certificate?.sha256 ?? "" });
  await using client = createClient({ endpoint: simulator.url, auth: passwordAuth(simulator.credentials), fetch });
  await using lease = await client.lease(simulator.inventory.item("Bench/many").id);
  const lines: string[] = [];
  for (const { name } of await lease.files()) {
    lines.push(`url = "${(await lease.endpoint(name)).uri}"`, `output = "${join(directory, name)}"`);
  }
  const config = join(scratch, "urls");
  await writeFile(config, lines.join("\n"));
  return await measuredShell(
    `curl -sS --cacert ${join(scratch, "trusted.pem")} --parallel --parallel-max 16 --config ${config}`,
  );
}
