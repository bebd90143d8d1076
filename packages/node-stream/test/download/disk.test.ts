import { spawnSync } from "node:child_process";
import { rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { TransferError } from "@carrel/core";
import { expect, test } from "vitest";
import { onDisk } from "../../src/files/fs-error.ts";
import { downloadItem } from "../../src/index.ts";
import { runChild } from "./child/run-child.ts";
import { openDesk, until } from "./desk.ts";

const MiB = 1_048_576;
const files = [{ name: "disk-0.vmdk", sizeBytes: 3 * MiB }];
// The kernel's own folders: read-only for everybody.
const readOnly = process.platform === "linux" ? "/sys/carrel-test" : "/System/carrel-test";

test("downloadItem reports a full disk", async () => {
  if (process.platform === "linux") {
    const full = onDisk("write", "/dev/full", () => writeFile("/dev/full", "x"));
    await expect(full).rejects.toThrow('Cannot write "/dev/full": the disk is full (ENOSPC)');
    await expect(full).rejects.toMatchObject({ code: "TRANSFER", retryable: true });
  }
  const error = Object.assign(new Error("ENOSPC"), { code: "ENOSPC", syscall: "write" });
  const failed = onDisk("write", "f", () => Promise.reject(error));
  await expect(failed).rejects.toMatchObject({ code: "TRANSFER", retryable: true, cause: error });
});

test("downloadItem keeps the part of a file that cannot grow, and resumes it once it can", async () => {
  await using desk = await openDesk({ files });
  // In blocks of 512 bytes: 1.5 MiB.
  const child = runChild(desk, {}, "ulimit -f 3072");
  const lines = [];
  for await (const line of child.lines) lines.push(line);
  expect(await child.exit).toBe(0);
  expect(lines.at(-1)).toMatchObject({
    type: "failed",
    error: {
      code: "TRANSFER",
      message: expect.stringMatching(
        /^Cannot write ".*\/disk-0\.vmdk": the file would exceed the size limit of the file system or the process \(EFBIG\)$/,
      ) as string,
    },
  });
  expect(desk.simulator.downloadSessions).toEqual([]);
  expect(await desk.names()).toEqual(["disk-0.vmdk.part", "disk-0.vmdk.part.json"]);
  const { receivedBytes } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
  expect(receivedBytes).toBeLessThanOrEqual(2 * MiB);
});

const unshare = ["unshare", "--mount", "sh", "-c"];
const mount = 'mount -t tmpfs -o size=1m tmpfs "$0"';
const canMount =
  process.platform === "linux" && spawnSync(unshare[0] ?? "", [...unshare.slice(1), mount, tmpdir()]).status === 0;

test.runIf(canMount)("downloadItem resumes at the same byte on a disk that stays full", async () => {
  await using desk = await openDesk({ files });
  const thrice = `${mount} && for run in 1 2 3; do "$@"; done; ls "$0" | sed 's/.*/{"type":"name","name":"&"}/'`;
  const prefix = [...unshare, thrice, desk.folder.path];
  const child = runChild(desk, { maxBytesPerSecond: 4 * MiB, checkSpace: false }, ":", { prefix });
  const resumedAt: number[] = [];
  const left: unknown[] = [];
  let failures = 0;
  for await (const line of child.lines) {
    if (line.type === "resumed") resumedAt.push(line.fromByte);
    else if (line.type === "failed") failures += 1;
    else if (!["transferring", "waiting"].includes(line.type)) left.push(line);
  }
  await child.exit;
  expect(failures).toBe(3);
  expect(resumedAt).toHaveLength(2);
  expect(Math.min(...resumedAt)).toBeGreaterThan(0);
  expect(left).toEqual(["disk-0.vmdk.part", "disk-0.vmdk.part.json"].map((name) => ({ type: "name", name })));
});

test("downloadItem reports a directory that cannot be written", async () => {
  await using desk = await openDesk({ files });
  const failed = downloadItem(desk.client, desk.item.id, readOnly).report;
  await expect(failed).rejects.toThrow(TransferError);
  await expect(failed).rejects.toThrow(
    /Cannot create directory ".*carrel-test": (?:permission denied|the file system is read-only)/,
  );
  expect(desk.simulator.downloadSessions).toEqual([]);
});

test("downloadItem refuses a path that is a file or below one", async () => {
  await using desk = await openDesk({ files });
  await writeFile(desk.folder.join("file"), "");
  for (const folder of [desk.folder.join("file"), desk.folder.join("file", "below")]) {
    await expect(downloadItem(desk.client, desk.item.id, folder).report).rejects.toMatchObject({ code: "TRANSFER" });
  }
});

test.each([
  ["is deleted", (folder: string) => rm(folder, { recursive: true, maxRetries: 9 })],
  ["is moved away", (folder: string) => rename(folder, `${folder}-moved`)],
])("downloadItem reports a directory that %s during the download", async (_what, vanish) => {
  await using desk = await openDesk({ files });
  const folder = desk.folder.join("out");
  const task = downloadItem(desk.client, desk.item.id, folder, { maxBytesPerSecond: 4 * MiB, progressIntervalMs: 20 });
  await until(task, (event) => event.type === "transferring");
  await vanish(folder);
  await expect(task.report).rejects.toThrow(/: its directory no longer exists \(ENOENT\)$/);
  expect(desk.simulator.downloadSessions).toEqual([]);
});
