import { join } from "node:path";
import type { Bench, Sample } from "../run/bench.ts";
import { emptied } from "../run/emptied.ts";
import { measuredProgram, measuredShell } from "../run/measured-process.ts";
import { missing } from "../run/peers.ts";
import { startNginxWithFile } from "../servers/nginx-file.ts";
import { startResetPath } from "../servers/reset-path.ts";

/** A path that breaks: what is fetched again, and what it costs. */
export const drops: Bench = {
  name: "drops",
  work: "One file of 1 GiB over TLS from nginx, to the disk, on connections that are reset after each 64 MiB.",
  async measure({ isQuick, scratch }, turns) {
    const sizeBytes = (isQuick ? 128 : 1_024) * 2 ** 20;
    await using file = await startNginxWithFile(sizeBytes);
    const { nginx, checksum } = file;
    const port = Number(new URL(file.url).port);
    await using broken = await startResetPath(port, 64 * 2 ** 20);
    await using sound = await startResetPath(port, Infinity);
    const url = file.url.replace(String(port), String(broken.port));
    const directory = join(scratch, "out");
    const target = join(directory, "disk-0.vmdk");
    const fetchedAgain = async (run: () => Promise<Sample>): Promise<Sample> => {
      await emptied(directory);
      broken.takeSentBytes();
      const sample = await run();
      return { ...sample, counts: { "sent, of the size": (broken.takeSentBytes() || sizeBytes) / sizeBytes } };
    };
    const ours = (from: string) => () =>
      measuredProgram("download-item", {
        url: from,
        thumbprint: nginx.thumbprint,
        directory,
        checksum,
        sizeBytes,
        files: 1,
      });
    const whole = `openssl dgst -sha256 ${target} | grep -q ${checksum}`;
    await turns({
      name: `${sizeBytes / 2 ** 20} MiB`,
      base: "downloadItem, undisturbed",
      rounds: 7,
      ways: [
        { name: "downloadItem", run: () => fetchedAgain(ours(url)) },
        {
          name: "downloadItem, undisturbed",
          run: () => fetchedAgain(ours(file.url.replace(String(port), String(sound.port)))),
        },
        {
          name: "curl, started again with -C -",
          run: () =>
            fetchedAgain(() =>
              // `--retry` alone begins at 0 again: https://curl.se/docs/manpage.html#--retry
              measuredShell(
                `until curl -sS --cacert ${nginx.pemPath} -C - -o ${target} ${url} 2>/dev/null; do :; done; ${whole}`,
              ),
            ),
        },
        {
          name: "aria2c -x1",
          missing: missing("aria2c"),
          run: () =>
            fetchedAgain(() =>
              measuredShell(
                `aria2c -q -x1 -s1 --max-tries=0 --retry-wait=0 --ca-certificate=${nginx.pemPath} --file-allocation=none -d ${directory} -o disk-0.vmdk ${url} && ${whole}`,
              ),
            ),
        },
      ],
      aims: [
        // A reset loses what was on the way, for every client alike.
        { way: "downloadItem", figure: "sent, of the size", against: "curl, started again with -C -", atMost: 1.01 },
        { way: "downloadItem", figure: "ms", against: "downloadItem, undisturbed", atMost: 1.1 },
      ],
    });
  },
};
