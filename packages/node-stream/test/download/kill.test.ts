import { readFile, stat } from "node:fs/promises";
import { expect, test } from "vitest";
import { runChild } from "./child/run-child.ts";
import { openDesk } from "./desk.ts";
import type { Desk } from "./desk.ts";

const MiB = 1_048_576;
const sizeBytes = 32 * MiB;
const downloads = Number(process.env["CARREL_KILL_DOWNLOADS"] ?? 8);

/** Downloads in a process that is killed at some time, and again until it is whole. Returns the bytes fetched again. */
async function downloadUnderFire(desk: Desk, name: string): Promise<number> {
  let again = 0;
  for (let run = 0; ; run++) {
    const child = runChild(desk, { maxBytesPerSecond: 64 * MiB, progressEveryMs: 10 });
    let killer: NodeJS.Timeout | undefined;
    let had = run === 0 ? 0 : await sizeOf(desk.folder.join(`${name}.part`));
    for await (const line of child.lines) {
      if (line.type === "failed") throw new Error(line.error.message);
      if (line.type === "report") return again + (line.receivedBytes === 0 ? 0 : had);
      if (line.type === "resumed") {
        again += Math.max(had - line.fromByte, 0);
        had = 0;
      }
      killer ??= setTimeout(() => child.process.kill("SIGKILL"), Math.random() * 600);
    }
    clearTimeout(killer);
    await child.exit;
    const final = await readFile(desk.folder.join(name)).catch(() => undefined);
    if (final !== undefined) expect(final.equals(await desk.item.file(name).bytes())).toBe(true);
  }
}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => ({ size: 0 }))).size;

test(
  `${downloads} downloads killed at any time: never a bad file, and little is fetched twice`,
  async () => {
    let again = 0;
    for (let index = 0; index < downloads; index++) {
      const name = `disk-${index}.vmdk`;
      await using desk = await openDesk({ files: [{ name, sizeBytes }], lease: { lifeMs: 2_000 } });
      again += await downloadUnderFire(desk, name);
      expect(await desk.names()).toEqual([name]);
      expect((await readFile(desk.folder.join(name))).equals(await desk.item.file(name).bytes())).toBe(true);
      desk.simulator.expireDownloadSessions();
      desk.simulator.expireApiSessions();
    }
    expect(again / (downloads * sizeBytes)).toBeLessThan(0.25);
  },
  downloads * 10_000,
);
