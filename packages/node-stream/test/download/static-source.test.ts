import { readFile } from "node:fs/promises";
import { IntegrityError } from "@carrel/core";
import { expect, test } from "vitest";
import { downloadItem } from "../../src/index.ts";
import { openDesk, until } from "./desk.ts";

const MiB = 1_048_576;
const files = [
  { name: "disk-0.vmdk", sizeBytes: 2 * MiB },
  { name: "small.iso", sizeBytes: 100 },
];

test("downloadItem with source static downloads without a session", async () => {
  await using desk = await openDesk({ files, version: "9.1", report: { itemChecksum: true } });
  const task = downloadItem(desk.client, desk.item.id, desk.folder.path, { source: "static" });
  const { files: reports, contentVersion } = await task.report;
  expect(contentVersion).toBe(desk.item.contentVersion);
  for (const { name, verifiedBy, path } of reports) {
    expect(verifiedBy).toBe("checksum");
    expect(await readFile(path)).toEqual(Buffer.from(await desk.item.file(name).bytes()));
  }
  expect(desk.simulator.journal.some(({ operation }) => operation?.startsWith("downloadSession"))).toBe(false);
});

test("downloadItem with source static resumes after an interruption", async () => {
  await using desk = await openDesk({ files, version: "9.1" });
  const options = { source: "static", concurrency: 1 } as const;
  const task = downloadItem(desk.client, desk.item.id, desk.folder.path, { ...options, maxBytesPerSecond: 8 * MiB });
  await until(task, (event) => event.type === "transferring" && event.receivedBytes > MiB);
  await task[Symbol.asyncDispose]();
  const { receivedBytes, files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path, options)
    .report;
  expect(receivedBytes).toBeLessThan(1.2 * MiB);
  expect(reports.map(({ verifiedBy }) => verifiedBy)).toEqual(["length", "length"]);
});

test("downloadItem with source static does not mix content that changes in mid-transfer", async () => {
  await using desk = await openDesk({ files, version: "9.1" });
  desk.simulator.faults.add({ on: "transfer", file: "disk-0.vmdk", kind: "reset", atByte: MiB });
  desk.simulator.faults.add({ on: "transfer", file: "disk-0.vmdk", use: 2, kind: "changeContent" });
  const { report } = downloadItem(desk.client, desk.item.id, desk.folder.path, { source: "static", concurrency: 1 });
  await expect(report).rejects.toThrow(IntegrityError);
  expect(await desk.names()).toEqual(["small.iso", "small.iso.part.json"]);
});

test.each(["8.0", "9.1"] as const)(
  "downloadItem with source static says why there is no static URL (%s)",
  async (version) => {
    await using desk = await openDesk({ files, version });
    if (version === "9.1") desk.item.setCached(false);
    const { report } = downloadItem(desk.client, desk.item.id, desk.folder.path, { source: "static" });
    await expect(report).rejects.toThrow(
      version === "9.1"
        ? /: it is not on disk at this vCenter \(the item is not synchronized\)/
        : /: the server states no static URL for it \(only vCenter 9\.0 and later do, and not for VM templates\)/,
    );
    expect(await desk.names()).toEqual([]);
  },
);
