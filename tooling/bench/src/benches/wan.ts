import { join } from "node:path";
import type { Bench } from "../run/bench.ts";
import { emptied } from "../run/emptied.ts";
import { measuredProgram, measuredShell } from "../run/measured-process.ts";
import { missing } from "../run/peers.ts";
import { startNginxWithFile } from "../servers/nginx-file.ts";
import { startWanPath } from "../servers/wan-path.ts";

const paths = [
  { roundTripMs: 40, lossRate: 0, megabitsPerSecond: 1_000, mib: 256 },
  { roundTripMs: 40, lossRate: 0, megabitsPerSecond: 100, mib: 64 },
  { roundTripMs: 40, lossRate: 0.01, megabitsPerSecond: 100, mib: 12 },
  { roundTripMs: 150, lossRate: 0, megabitsPerSecond: 100, mib: 64 },
  { roundTripMs: 150, lossRate: 0.01, megabitsPerSecond: 100, mib: 4 },
];

/** One file over a long path, with one connection and with four. */
export const wan: Bench = {
  name: "wan",
  work: "One file over TLS from nginx through a relay that sends as TCP Reno does over a long path.",
  async measure({ isQuick, scratch }, turns) {
    const directory = join(scratch, "out");
    for (const { roundTripMs, lossRate, megabitsPerSecond, mib } of isQuick ? paths.slice(1, 2) : paths) {
      await using file = await startNginxWithFile((isQuick ? 8 : mib) * 2 ** 20);
      const { nginx } = file;
      const port = Number(new URL(file.url).port);
      await using path = await startWanPath(port, { roundTripMs, lossRate, megabitsPerSecond });
      const url = file.url.replace(String(port), String(path.port));
      const ours = (connections: number) => () =>
        measuredProgram("read-url", {
          way: "openTransfer",
          to: "nothing",
          url,
          thumbprint: nginx.thumbprint,
          connections,
        });
      const shell = (line: string) => async () => {
        await emptied(directory);
        return await measuredShell(line);
      };
      const isLossy = lossRate > 0;
      await turns({
        name: `${roundTripMs} ms, ${lossRate * 100} % loss, ${megabitsPerSecond} Mbit/s`,
        base: "curl",
        rounds: 5,
        ways: [
          { name: "openTransfer", run: ours(1) },
          { name: "openTransfer, 4 connections", run: ours(4) },
          { name: "curl", run: shell(`curl -sS --cacert ${nginx.pemPath} -o /dev/null ${url}`) },
          {
            name: "aria2c -x4",
            missing: missing("aria2c"),
            run: shell(
              `aria2c -q -x4 -s4 -k1M --ca-certificate=${nginx.pemPath} --file-allocation=none -d ${directory} -o x ${url}`,
            ),
          },
        ],
        aims: [
          ...(isLossy
            ? [{ way: "openTransfer, 4 connections", figure: "ms", against: "openTransfer", atMost: 1 / 2.5 }]
            : []),
          { way: "openTransfer", figure: "ms", against: "curl", atMost: 1.05 },
          { way: "openTransfer, 4 connections", figure: "ms", against: "aria2c -x4", atMost: 1.05 },
        ],
      });
    }
  },
};
