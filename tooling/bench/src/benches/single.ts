import { join } from "node:path";
import { startSimulator } from "@carrel/simulator";
import type { Bench } from "../run/bench.ts";
import { carrel, carrelEnvironment, govcEnvironment } from "../run/carrel.ts";
import { emptied } from "../run/emptied.ts";
import { measured, measuredProgram, measuredShell } from "../run/measured-process.ts";
import { missing, pathOf } from "../run/peers.ts";
import { startNginxWithFile } from "../servers/nginx-file.ts";

/** One big file: the price of "whole". */
export const single: Bench = {
  name: "single",
  work: "One file of 2 GiB over TLS from nginx to the disk, its SHA-256 verified, flushed to the disk.",
  async measure({ isQuick, scratch }, turns) {
    const sizeBytes = (isQuick ? 128 : 2_048) * 2 ** 20;
    await measureNginx(sizeBytes, scratch, turns);
    await measureVcenter(sizeBytes / 4, scratch, turns);
  },
};

async function measureNginx(sizeBytes: number, scratch: string, turns: Parameters<Bench["measure"]>[1]): Promise<void> {
  await using file = await startNginxWithFile(sizeBytes);
  const { nginx, url, checksum } = file;
  const directory = join(scratch, "out");
  const target = join(directory, "disk-0.vmdk");
  const curl = `curl -sS --cacert ${nginx.pemPath} -o ${target} ${url}`;
  const digest = `openssl dgst -sha256 ${target} | grep -q ${checksum}`;
  const aria2 = (connections: number): string =>
    `aria2c -q -x${connections} -s${connections} -k1M --ca-certificate=${nginx.pemPath} --file-allocation=none -d ${directory} -o disk-0.vmdk ${url}`;
  const shell = (line: string) => async () => {
    await emptied(directory);
    return await measuredShell(line);
  };
  await turns({
    name: `${sizeBytes / 2 ** 20} MiB from nginx`,
    base: "curl + openssl + sync",
    rounds: 7,
    ways: [
      {
        name: "downloadItem",
        async run() {
          await emptied(directory);
          const { thumbprint } = nginx;
          return await measuredProgram("download-item", { url, thumbprint, directory, checksum, sizeBytes, files: 1 });
        },
      },
      { name: "curl + openssl + sync", run: shell(`${curl} && ${digest} && sync ${target}`) },
      { name: "curl + openssl", run: shell(`${curl} && ${digest}`) },
      { name: "curl", run: shell(curl) },
      { name: "aria2c -x1", missing: missing("aria2c"), run: shell(aria2(1)) },
      { name: "aria2c -x4", missing: missing("aria2c"), run: shell(aria2(4)) },
      {
        name: "rclone copyurl",
        missing: missing("rclone"),
        run: shell(`rclone copyurl --ca-cert ${nginx.pemPath} ${url} ${target}`),
      },
    ],
    aims: [
      { way: "downloadItem", figure: "ms", against: "curl + openssl + sync", atMost: 0.85 },
      { way: "downloadItem", figure: "ms", against: "curl + openssl", atMost: 1 },
    ],
  });
}

// govc speaks to a vCenter only, so both get the item from a simulator, which is slower than nginx and serves both alike.
async function measureVcenter(
  sizeBytes: number,
  scratch: string,
  turns: Parameters<Bench["measure"]>[1],
): Promise<void> {
  await using simulator = await startSimulator({
    tls: true,
    libraries: [{ name: "Bench", items: [{ name: "one", files: [{ name: "disk-0.vmdk", sizeBytes }] }] }],
  });
  const directory = join(scratch, "item");
  const trusted = await govcEnvironment(simulator, scratch);
  await turns({
    name: `${sizeBytes / 2 ** 20} MiB from a vCenter's simulator`,
    base: "govc library.export",
    rounds: 7,
    ways: [
      {
        name: "carrel get",
        async run() {
          await emptied(directory);
          const command = [process.execPath, carrel, "get", "Bench/one", "-o", directory];
          return (await measured(command, { env: carrelEnvironment(simulator) })).sample;
        },
      },
      {
        name: "govc library.export",
        missing: missing("govc"),
        async run() {
          await emptied(directory);
          const command = [pathOf("govc") ?? "", "library.export", "/Bench/one"];
          return (await measured(command, { env: trusted, cwd: directory })).sample;
        },
      },
    ],
    aims: [{ way: "carrel get", figure: "ms", against: "govc library.export", atMost: 1.3 }],
  });
}
