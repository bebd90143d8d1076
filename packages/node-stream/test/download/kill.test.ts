import { readFile } from "node:fs/promises";
import { tries } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { runChild } from "./child/run-child.ts";
import type { ChildLine } from "./child/run-child.ts";
import { openDesk } from "./desk.ts";
import type { Desk } from "./desk.ts";

const MiB = 1_048_576;
const sizeBytes = 16 * MiB;
const maxKills = 5;
const downloads = tries(1, 20);

/** Kills at the start, at the first sign of an earlier run's bytes, or when this many bytes of the file are here. */
type KillPoint = "start" | "resumed" | number;

function randomPoint(): KillPoint {
  const dice = Math.random();
  return dice < 0.1 ? "start" : dice < 0.2 ? "resumed" : Math.random() * sizeBytes;
}

function isReached(point: KillPoint | undefined, line: ChildLine): boolean {
  if (typeof point === "number") return line.type === "transferring" && line.receivedBytes >= point;
  return point === line.type;
}

/** Downloads in a process that is killed, and again until it is whole. Returns how often it was killed. */
async function downloadUnderFire(desk: Desk, name: string): Promise<number> {
  for (let kills = 0; ; kills++) {
    const recordedBytes = await recorded(desk, name);
    const point = kills < maxKills ? randomPoint() : undefined;
    const child = runChild(desk, { maxBytesPerSecond: 32 * MiB, progressIntervalMs: 10 });
    if (point === "start") child.process.kill("SIGKILL");
    let resumedAt: number | undefined;
    for await (const line of child.lines) {
      if (line.type === "failed") throw new Error(line.error.message);
      if (line.type === "resumed") resumedAt = line.fromByte;
      // What the record vouches for is not fetched again; of a file that may be complete the last byte is.
      if (line.type === "transferring") expect(resumedAt ?? 0).toBe(Math.min(recordedBytes, sizeBytes - 1));
      if (isReached(point, line)) child.process.kill("SIGKILL");
    }
    const isWhole = (await child.exit) === 0;
    const final = await readFile(desk.folder.join(name)).catch(() => undefined);
    if (final !== undefined || isWhole) expect(final?.equals(await desk.item.file(name).bytes())).toBe(true);
    if (isWhole) return kills;
  }
}

/** How many bytes a run that comes now knows to be there. */
async function recorded(desk: Desk, name: string): Promise<number> {
  const text = await readFile(desk.folder.join(`${name}.part.json`), "utf8").catch(() => undefined);
  return text === undefined ? 0 : (JSON.parse(text) as { readonly bytes: number }).bytes;
}

test(`downloadItem killed at any point leaves no bad file, and fetches nothing again that is recorded (downloads: ${downloads})`, async ({
  annotate,
}) => {
  let kills = 0;
  let sentBytes = 0;
  for (let index = 0; index < downloads; index++) {
    const name = `disk-${index}.vmdk`;
    await using desk = await openDesk({ files: [{ name, sizeBytes }] });
    kills += await downloadUnderFire(desk, name);
    expect(await desk.names()).toEqual([name]);
    for (const exchange of desk.simulator.journal) if (exchange.kind === "transfer") sentBytes += exchange.sentBytes;
    // What the killed ones could not end.
    desk.simulator.expireDownloadSessions();
    desk.simulator.expireApiSessions();
  }
  const sentShare = sentBytes / (downloads * sizeBytes) - 1;
  await annotate(`${downloads} downloads, ${kills} kills: the server sent ${(sentShare * 100).toFixed(1)} % more`);
}, 600_000);
