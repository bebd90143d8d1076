// A machine that slept, and clocks that are set, in mid-download.
import { readFile } from "node:fs/promises";
import { createClient, passwordAuth, systemClock } from "@carrel/core";
import type { Clock } from "@carrel/core";
import { expect, test, vi } from "vitest";
import { downloadItem } from "../../src/index.ts";
import { openDesk } from "./desk.ts";

vi.setConfig({ testTimeout: 30_000, maxConcurrency: 8 });

const MiB = 1_048_576;
const files = [{ name: "disk.vmdk", sizeBytes: 2 * MiB + 7 }];
const hourMs = 3_600_000;
const target = { on: "transfer", file: "disk.vmdk", atByte: MiB } as const;
const allEnd = [
  { ...target, kind: "expireSession" },
  { ...target, kind: "expireSession", session: "api" },
  { ...target, kind: "reset" },
] as const;

/** The platform's time, whose wall clock jumps when the test says so. */
function jumpingClock(): Clock & { jump(ms: number): void } {
  let jumpedMs = 0;
  return { ...systemClock, wall: () => systemClock.wall() + jumpedMs, jump: (ms) => void (jumpedMs += ms) };
}

test.concurrent.each([
  ["the machine slept for eight hours, and all sessions have ended", 8 * hourMs, allEnd],
  ["the machine slept for a minute, and the connection has broken", 60_000, [{ ...target, kind: "reset" }]],
  ["the clock is set forward by an hour", hourMs, []],
  ["the clock is set back by two hours", -2 * hourMs, []],
  ["the clock is set back by two hours, and all sessions have ended", -2 * hourMs, allEnd],
] as const)("downloadItem delivers whole files where %s", async (_what, jumpMs, faults) => {
  await using desk = await openDesk({ files, faults });
  const clock = jumpingClock();
  const { url: endpoint, credentials } = desk.simulator;
  await using client = createClient({ endpoint, auth: passwordAuth(credentials), clock, retry: { baseDelayMs: 5 } });
  await using task = downloadItem(client, desk.item.id, desk.folder.path, { clock, progressIntervalMs: 1 });
  let hasJumped = false;
  for await (const event of task) {
    if (hasJumped || event.type !== "transferring" || event.receivedBytes === 0) continue;
    clock.jump(jumpMs);
    hasJumped = true;
  }
  const report = await task.report;
  expect(hasJumped).toBe(true);
  expect(report.files.map(({ verifiedBy }) => verifiedBy)).toEqual(["checksum"]);
  expect(await readFile(report.files[0]?.path ?? "")).toEqual(Buffer.from(await desk.item.file("disk.vmdk").bytes()));
  const sessions = desk.simulator.journal.filter(({ operation }) => operation === "downloadSession.create");
  expect(sessions).toHaveLength(faults === allEnd ? 2 : 1);
});
