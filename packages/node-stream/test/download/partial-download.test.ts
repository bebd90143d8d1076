import { readFile, writeFile } from "node:fs/promises";
import { CarrelError, IntegrityError, PrepareError } from "@carrel/core";
import type { Fault } from "@carrel/simulator";
import { expect, test, vi } from "vitest";
import { downloadItem, PartialDownloadError } from "../../src/index.ts";
import { openDesk, until } from "./desk.ts";
import type { Desk } from "./desk.ts";

vi.setConfig({ testTimeout: 30_000, maxConcurrency: 8 });

const files = [
  { name: "a.iso", sizeBytes: 100_000 },
  { name: "b.nvram", sizeBytes: 2_000 },
  { name: "c.vmdk", sizeBytes: 1_500_000 },
];

async function failureOf(desk: Desk, options = {}): Promise<unknown> {
  return downloadItem(desk.client, desk.item.id, desk.folder.path, options).report.catch((error: unknown) => error);
}

const about = { file: "b.nvram", times: "always" } as const;
const kinds: readonly (readonly [string, Fault, string])[] = [
  ["cannot be prepared", { ...about, on: "downloadSession.file.prepare", kind: "prepareError" }, "PREPARE_FAILED"],
  ["is not served", { ...about, on: "transfer", kind: "status", status: 404 }, "TRANSFER"],
  ["breaks off repeatedly", { ...about, on: "transfer", kind: "reset", atByte: 10 }, "TRANSFER"],
  ["is damaged", { ...about, on: "transfer", kind: "corrupt", atByte: 10, times: "always" }, "INTEGRITY"],
  ["is a login page", { ...about, on: "transfer", kind: "htmlPage" }, "INTEGRITY"],
];

test.concurrent.each(kinds)(
  "downloadItem downloads the other files when one %s, and a later run fetches only that one",
  async (_what, fault, code) => {
    await using desk = await openDesk({ files, faults: [fault] });
    const task = downloadItem(desk.client, desk.item.id, desk.folder.path, { concurrency: 1, resumeLimit: 0 });
    const seen: unknown[] = [];
    const failure: unknown = await (async () => {
      for await (const event of task) seen.push(event);
    })().catch((error: unknown) => error);
    if (!(failure instanceof PartialDownloadError)) throw failure;
    expect(failure).toBeInstanceOf(CarrelError);
    expect(failure.code).toBe(code);
    expect(failure.failed.map(({ name, error }) => [name, error.code])).toEqual([["b.nvram", code]]);
    expect(failure.cause).toBe(failure.failed[0]?.error);
    expect(failure.report.files.map(({ name, verifiedBy }) => [name, verifiedBy])).toEqual([
      ["a.iso", "checksum"],
      ["c.vmdk", "checksum"],
    ]);
    expect(seen).toContainEqual({ type: "failed", file: "b.nvram", error: failure.failed[0]?.error.toJSON() });
    for (const name of ["a.iso", "c.vmdk"]) {
      expect(await readFile(desk.folder.join(name))).toEqual(Buffer.from(await desk.item.file(name).bytes()));
    }
    expect(await desk.names()).not.toContain("b.nvram");

    desk.simulator.faults.clear();
    const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
    expect(reports.map(({ name, skipped }) => [name, skipped])).toEqual([
      ["a.iso", true],
      ["b.nvram", false],
      ["c.vmdk", true],
    ]);
    expect(await desk.names()).toEqual(["a.iso", "b.nvram", "c.vmdk"]);
  },
);

test.concurrent("downloadItem downloads the other files when one exists and differs, which stays", async () => {
  await using desk = await openDesk({ files, report: { checksum: "always" } });
  await writeFile(desk.folder.join("b.nvram"), "mine");
  expect(await failureOf(desk)).toMatchObject({ code: "TRANSFER", problem: "exists", failed: [{ name: "b.nvram" }] });
  expect(await readFile(desk.folder.join("b.nvram"), "utf8")).toBe("mine");
  expect(await desk.names()).toEqual(["a.iso", "b.nvram", "c.vmdk"]);
});

test.concurrent("PartialDownloadError names all failed files, and has the code, class and members of the most serious failure", async () => {
  await using desk = await openDesk({
    files,
    faults: [
      { on: "downloadSession.file.prepare", file: "a.iso", kind: "prepareError", times: "always" },
      { on: "transfer", file: "c.vmdk", kind: "corrupt", atByte: 10, times: "always" },
    ],
  });
  const failure = await failureOf(desk);
  expect(failure).toBeInstanceOf(PartialDownloadError);
  expect(failure).toBeInstanceOf(IntegrityError);
  expect(failure).not.toBeInstanceOf(PrepareError);
  expect(failure).toMatchObject({
    code: "INTEGRITY",
    problem: "digest",
    failed: [{ name: "a.iso" }, { name: "c.vmdk" }],
    report: { files: [{ name: "b.nvram" }] },
    message: expect.stringMatching(
      /^"c.vmdk" does not match .* \(and 1 more file could not be downloaded\)$/,
    ) as string,
  });
  expect(JSON.parse(JSON.stringify(failure))).toMatchObject({
    code: "INTEGRITY",
    failed: [{ name: "a.iso", error: { code: "PREPARE_FAILED" } }, { name: "c.vmdk" }],
  });
});

test.concurrent("downloadItem rejects an item of one file with the failure itself", async () => {
  await using desk = await openDesk({
    files: [{ name: "a.iso", sizeBytes: 1_000 }],
    faults: [{ on: "transfer", kind: "corrupt", atByte: 10, times: "always" }],
  });
  const failure = await failureOf(desk);
  expect(failure).toBeInstanceOf(IntegrityError);
  expect(failure).not.toBeInstanceOf(PartialDownloadError);
});

test.concurrent("downloadItem stops all files at once after a failure that concerns them all", async () => {
  await using desk = await openDesk({ files });
  const controller = new AbortController();
  const task = downloadItem(desk.client, desk.item.id, desk.folder.path, {
    maxBytesPerSecond: 200_000,
    signal: controller.signal,
  });
  await until(task, ({ type }) => type === "transferring");
  controller.abort(new Error("enough"));
  await expect(task.report).rejects.toThrow("enough");
  const prepared = await openDesk({
    files,
    faults: [{ on: "downloadSession.file.prepare", kind: "status", status: 403, times: "always" }],
  });
  await using other = prepared;
  const failure = await failureOf(other);
  expect(failure).toMatchObject({ code: "AUTH" });
  expect(failure).not.toBeInstanceOf(PartialDownloadError);
  expect(await other.names()).toEqual([]);
});
