import { virtualClock } from "@carrel/simulator";
import { until } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { downloadItem } from "../../src/index.ts";
import { openDesk } from "./desk.ts";
import type { Desk } from "./desk.ts";

const named = (count: number, sizeBytes: number): readonly { readonly name: string; readonly sizeBytes: number }[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${index}.iso`, sizeBytes }));

/** How many files the server was asked to prepare. */
const prepared = ({ simulator }: Desk): number =>
  simulator.journal.filter(({ operation }) => operation === "downloadSession.file.prepare").length;

test("downloadItem has small files prepared together", async () => {
  const clock = virtualClock();
  await using desk = await openDesk({ files: named(20, 1_000), clock, prepare: { requestedMs: 0, preparingMs: 600 } });
  const { report } = downloadItem(desk.client, desk.item.id, desk.folder.path, { concurrency: 1 });
  // One after the other they would take twenty times 600 ms of the server's time.
  for (const count of [17, 20]) {
    await expect.poll(() => prepared(desk), { timeout: 20_000 }).toBe(count);
    await clock.advance(600);
  }
  expect((await report).files).toHaveLength(20);
});

test("downloadItem has at most 16 files, or 64 MiB, prepared ahead", async () => {
  for (const [count, sizeBytes, ahead] of [
    [20, 1_000, 16],
    [6, 40_000_000, 1],
  ] as const) {
    await using desk = await openDesk({ files: named(count, sizeBytes), prepare: { requestedMs: 60_000 } });
    const stop = new AbortController();
    const task = downloadItem(desk.client, desk.item.id, desk.folder.path, { concurrency: 1, signal: stop.signal });
    await until(() => prepared(desk) === 1 + ahead);
    // What is asked for a second time was asked for after all that is asked for at first.
    await until(() => desk.simulator.journal.some(({ operation }) => operation === "downloadSession.file.get"));
    expect(prepared(desk)).toBe(1 + ahead);
    stop.abort();
    await expect(task.report).rejects.toBe(stop.signal.reason);
  }
});
