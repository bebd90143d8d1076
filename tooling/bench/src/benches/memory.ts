import { join } from "node:path";
import type { Bench } from "../run/bench.ts";
import { emptied } from "../run/emptied.ts";
import { measuredProgram, measuredShell } from "../run/measured-process.ts";
import { missing } from "../run/peers.ts";
import { startNginxWithFile } from "../servers/nginx-file.ts";

/** How much memory a download takes, by its size and by how many run at once. */
export const memory: Bench = {
  name: "memory",
  work: "Files of several sizes over TLS from nginx to the disk, one and eight at once. What counts is the peak.",
  async measure({ isQuick, scratch }, turns) {
    const directory = join(scratch, "out");
    for (const mib of isQuick ? [64] : [64, 1_024, 8_192]) {
      await using file = await startNginxWithFile(mib * 2 ** 20);
      const { nginx, url, checksum, sizeBytes } = file;
      // Eight files of 8 GiB would need more disk than a machine for tests has.
      for (const files of mib > 1_024 ? [1] : [1, 8]) {
        const targets = Array.from({ length: files }, (_, index) => join(directory, `${index}`));
        const shell = (line: string) => async () => {
          await emptied(directory);
          return await measuredShell(line);
        };
        await turns({
          name: `${files} x ${mib} MiB`,
          base: "curl",
          rounds: 3,
          ways: [
            {
              name: "downloadItem",
              async run() {
                await emptied(directory);
                const { thumbprint } = nginx;
                return await measuredProgram("download-item", {
                  url,
                  thumbprint,
                  directory,
                  checksum,
                  sizeBytes,
                  files,
                });
              },
            },
            {
              name: "curl",
              run: shell(
                `curl -sS --parallel --cacert ${nginx.pemPath} ${targets.map((to) => `-o ${to} ${url}`).join(" ")}`,
              ),
            },
            {
              name: "rclone copyurl",
              missing: files === 1 ? missing("rclone") : "it copies one URL",
              run: shell(`rclone copyurl --ca-cert ${nginx.pemPath} ${url} ${targets[0] ?? ""}`),
            },
          ],
          aims: [{ way: "downloadItem", figure: "peakMiB", atMost: 160 + 30 * (files - 1) }],
        });
      }
    }
  },
};
