import { readFile, stat } from "node:fs/promises";
import { expect, test } from "vitest";
import { runChild } from "./child/run-child.ts";
import { openDesk } from "./desk.ts";
import type { Desk } from "./desk.ts";

const MiB = 1_048_576;
const sizeBytes = 32 * MiB;
/** More of them: CARREL_KILL_DOWNLOADS=50. */
const downloads = Number(process.env["CARREL_KILL_DOWNLOADS"] ?? 6);

interface Outcome {
  readonly kills: number;
  /** Bytes that were in the part when the process was killed, and were fetched again. */
  readonly againBytes: number;
}

/** Downloads in a process that is killed at some time, and again until it is whole. */
async function downloadUnderFire(desk: Desk, name: string): Promise<Outcome> {
  let againBytes = 0;
  for (let kills = 0; ; kills++) {
    // Two where it was killed while it copied what the one before left.
    const parts = (await desk.names()).filter((one) => one.endsWith(".part"));
    let lostBytes = Math.max(0, ...(await Promise.all(parts.map((one) => sizeOf(desk.folder.join(one))))));
    const child = runChild(desk, { maxBytesPerSecond: 64 * MiB, progressEveryMs: 10 });
    // Some before anything is heard of them, most while bytes arrive, however busy the machine is.
    let killer: NodeJS.Timeout | undefined;
    const killIn = (ms: number): void => void (killer ??= setTimeout(() => child.process.kill("SIGKILL"), ms));
    if (Math.random() < 0.2) killIn(Math.random() * 1_000);
    for await (const line of child.lines) {
      killIn(Math.random() * 900);
      if (line.type === "failed") throw new Error(line.error.message);
      if (line.type === "resumed") lostBytes -= line.fromByte;
      if (line.type === "resumed" || line.type === "transferring") {
        againBytes += lostBytes;
        lostBytes = 0;
      }
    }
    clearTimeout(killer);
    const isWhole = (await child.exit) === 0;
    const final = await readFile(desk.folder.join(name)).catch(() => undefined);
    if (final !== undefined || isWhole) expect(final?.equals(await desk.item.file(name).bytes())).toBe(true);
    if (isWhole) return { kills, againBytes };
  }
}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => ({ size: 0 }))).size;

test(
  `${downloads} downloads killed at any time: never a bad file, and little is fetched twice`,
  async ({ annotate }) => {
    const outcomes: Outcome[] = [];
    let sentBytes = 0;
    for (let index = 0; index < downloads; index++) {
      const name = `disk-${index}.vmdk`;
      await using desk = await openDesk({ files: [{ name, sizeBytes }] });
      outcomes.push(await downloadUnderFire(desk, name));
      expect(await desk.names()).toEqual([name]);
      for (const exchange of desk.simulator.journal) if (exchange.kind === "transfer") sentBytes += exchange.sentBytes;
      // What the killed ones could not end.
      desk.simulator.expireDownloadSessions();
      desk.simulator.expireApiSessions();
    }
    const kills = outcomes.reduce((sum, outcome) => sum + outcome.kills, 0);
    const againShare = outcomes.reduce((sum, outcome) => sum + outcome.againBytes, 0) / (downloads * sizeBytes);
    const sentShare = sentBytes / (downloads * sizeBytes) - 1;
    await annotate(
      `${downloads} downloads, ${kills} kills: ${(againShare * 100).toFixed(1)} % fetched again; ` +
        `the server sent ${(sentShare * 100).toFixed(1)} % more than one time each`,
    );
    expect(againShare).toBeLessThan(0.25);
  },
  30_000 + downloads * 10_000,
);
