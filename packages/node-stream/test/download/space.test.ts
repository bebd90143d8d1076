// What downloadItem needs of the disk, and that it fails before the first byte where that is not there.
import { writeFile } from "node:fs/promises";
import { TransferError } from "@carrel/core";
import { canMount, mountSmallDisk } from "@carrel/test-kit";
import { describe, expect, test } from "vitest";
import { bytesText, freeBytesAt } from "../../src/fs.ts";
import { downloadItem } from "../../src/index.ts";
import { eventsOf, openDesk } from "./desk.ts";
import type { Desk } from "./desk.ts";

const MiB = 1024 ** 2;

const transfers = ({ simulator }: Desk): number => simulator.journal.filter(({ kind }) => kind === "transfer").length;

describe.runIf(canMount)("downloadItem on a disk that is too small", () => {
  test("fails before the first byte, and says what it needs", async () => {
    await using desk = await openDesk({ files: [{ name: "a.iso", sizeBytes: 3 * MiB }] });
    using mounted = mountSmallDisk(desk.folder.path, "1m");
    if (mounted === undefined) return;
    const { client, item, folder } = desk;
    const error: unknown = await downloadItem(client, item.id, folder.path).report.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TransferError);
    expect(error).toMatchObject({
      problem: "no-space",
      path: folder.path,
      retryable: true,
      message: `Cannot download to "${folder.path}": needs 3.0 MiB, 1.0 MiB are free`,
    });
    expect([transfers(desk), await desk.names()]).toEqual([0, []]);
  });

  test("begins with checkSpace: false, and keeps what fits", async () => {
    await using desk = await openDesk({ files: [{ name: "a.iso", sizeBytes: 3 * MiB }] });
    using mounted = mountSmallDisk(desk.folder.path, "1m");
    if (mounted === undefined) return;
    const { report } = downloadItem(desk.client, desk.item.id, desk.folder.path, { checkSpace: false });
    await expect(report).rejects.toMatchObject({ problem: "disk" });
    expect(transfers(desk)).toBe(1);
  });

  test("needs room for the old file and the new one, until the new one is whole", async () => {
    await using desk = await openDesk({ files: [{ name: "a.iso", sizeBytes: 3 * MiB }] });
    using mounted = mountSmallDisk(desk.folder.path, "5m");
    if (mounted === undefined) return;
    const { client, item, folder } = desk;
    await writeFile(folder.join("a.iso"), Buffer.alloc(3 * MiB));
    await expect(downloadItem(client, item.id, folder.path, { existing: "overwrite" }).report).rejects.toMatchObject({
      problem: "no-space",
      message: expect.stringContaining("needs 3.0 MiB, 2.0 MiB are free") as string,
    });
  });
});

test.for([
  [{}, { neededBytes: 4 * MiB, thereBytes: 0 }],
  [{ a: true }, { neededBytes: 3 * MiB, thereBytes: MiB }],
] as const)("downloadItem with %j there: the plan says %j", async ([there, expected]) => {
  await using desk = await openDesk({
    files: [
      { name: "a.iso", sizeBytes: MiB },
      { name: "b.iso", sizeBytes: 3 * MiB },
    ],
  });
  const { client, item, folder } = desk;
  if ("a" in there) {
    await writeFile(folder.join("a.iso"), await item.file("a.iso").bytes());
  }
  const events = await eventsOf(downloadItem(client, item.id, folder.path));
  const plan = events.find(({ type }) => type === "plan");
  expect(plan).toMatchObject({ space: { ...expected, unknownFiles: 0, freeBytes: expect.any(Number) as number } });
});

test("freeBytesAt looks at the nearest directory that exists", async () => {
  await using desk = await openDesk({ files: [] });
  expect(await freeBytesAt(desk.folder.join("none", "below"))).toBeGreaterThan(0);
});

test.for([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [300_000_000, "286.1 MiB"],
  [5 * 1024 ** 5, "5.0 PiB"],
] as const)("bytesText writes %d as %s", ([bytes, text]) => {
  expect(bytesText(bytes)).toBe(text);
});
