import { expect, test } from "vitest";
import { downloadItem } from "../../src/index.ts";
import { openDesk } from "./desk.ts";

const prepare = { requestedMs: 0, preparingMs: 600 };
const named = (count: number, sizeBytes: number): readonly { readonly name: string; readonly sizeBytes: number }[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${index}.iso`, sizeBytes }));

test("downloadItem has small files prepared together", async () => {
  await using desk = await openDesk({ files: named(20, 1_000), prepare });
  const started = performance.now();
  await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
  // One after the other, two at a time, they would take ten times 600 ms.
  expect(performance.now() - started).toBeLessThan(3_000);
});

test("downloadItem has at most 16 files, or 64 MiB, prepared ahead", async () => {
  for (const [count, sizeBytes, ahead] of [
    [20, 1_000, 16],
    [6, 40_000_000, 1],
  ] as const) {
    await using desk = await openDesk({ files: named(count, sizeBytes), prepare: { requestedMs: 60_000 } });
    const stop = new AbortController();
    const task = downloadItem(desk.client, desk.item.id, desk.folder.path, { concurrency: 1, signal: stop.signal });
    const prepared = (): number =>
      desk.simulator.journal.filter(({ operation }) => operation === "downloadSession.file.prepare").length;
    await expect.poll(prepared).toBe(1 + ahead);
    // What is asked for a second time was asked for after all that is asked for at first.
    const polled = (): boolean =>
      desk.simulator.journal.some(({ operation }) => operation === "downloadSession.file.get");
    await expect.poll(polled).toBe(true);
    expect(prepared()).toBe(1 + ahead);
    stop.abort();
    await expect(task.report).rejects.toBe(stop.signal.reason);
  }
});
