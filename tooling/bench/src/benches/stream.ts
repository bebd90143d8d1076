import type { Bench } from "../run/bench.ts";
import { measuredProgram } from "../run/measured-process.ts";
import { startNginxWithFile } from "../servers/nginx-file.ts";

/** A stream in a pipeline: the price of a verified, resumable one. */
export const stream: Bench = {
  name: "stream",
  work: "One file of 1 GiB over TLS from nginx into a pipeline.",
  async measure({ isQuick }, turns) {
    await using file = await startNginxWithFile((isQuick ? 64 : 1_024) * 2 ** 20);
    const { url, nginx } = file;
    const peers = ["https.get", "undici", "fetch"];
    for (const to of ["nothing", "gzip", "hash"]) {
      await turns({
        name: `to ${to}`,
        base: "https.get",
        ways: ["openTransfer", ...peers].map((way) => ({
          name: way,
          run: () => measuredProgram("read-url", { way, to, url, thumbprint: nginx.thumbprint, connections: 1 }),
        })),
        // A ratio of time: 1/0.95 of the time is 0.95 of the speed.
        aims: peers.map((against) => ({ way: "openTransfer", figure: "ms", against, atMost: 1.05 })),
      });
    }
  },
};
