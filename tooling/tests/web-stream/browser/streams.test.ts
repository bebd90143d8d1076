import { downloadStore } from "@carrel/rx";
import type { DownloadState } from "@carrel/core";
import { downloadItem, openItemFile } from "@carrel/web-stream";
import { expect, test } from "vitest";
import { commands } from "vitest/browser";
import { openLibrary } from "../src/library.ts";
import { describeStreams } from "../src/scenarios.ts";
import { fileName, itemId, sizeBytes } from "../src/shared.ts";

describeStreams("Chromium", commands);

/** A directory of the page's own file system, removed at the end. */
async function tempDirectory(): Promise<FileSystemDirectoryHandle & AsyncDisposable> {
  const root = await navigator.storage.getDirectory();
  const name = `test-${crypto.randomUUID()}`;
  const directory = await root.getDirectoryHandle(name, { create: true });
  return Object.assign(directory, {
    [Symbol.asyncDispose]: () => root.removeEntry(name, { recursive: true }),
  });
}

async function namesIn(directory: FileSystemDirectoryHandle): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const name of directory.keys()) names.push(name);
  return names;
}

test("downloadItem writes verified files to a directory, and downloadStore shows how far it is", async () => {
  await using library = await openLibrary(commands);
  await using directory = await tempDirectory();
  const store = downloadStore((signal) => downloadItem(library.client, itemId, directory, { signal }));
  const states: DownloadState[] = [];
  const leave = store.subscribe(() => {
    const { value } = store.get();
    if (value !== undefined) states.push(value);
  });
  await expect.poll(() => store.get().value?.phase).toBe("done");
  leave();
  expect(states.at(-1)).toMatchObject({ phase: "done", receivedBytes: sizeBytes });
  const file = await (await directory.getFileHandle(fileName)).getFile();
  expect(file.size).toBe(sizeBytes);
  const again = downloadItem(library.client, itemId, directory);
  await expect(again.report).rejects.toMatchObject({ code: "TRANSFER", problem: "exists" });
  const report = await downloadItem(library.client, itemId, directory, { existing: "overwrite" }).report;
  expect(report.files).toMatchObject([{ name: fileName, verifiedBy: "checksum" }]);
});

test("downloadItem leaves nothing in the directory, and an existing file as it was, where the file is damaged", async () => {
  await using library = await openLibrary(commands, {
    faults: [{ on: "transfer", kind: "corrupt", atByte: 5, times: "always" }],
  });
  await using directory = await tempDirectory();
  const damaged = downloadItem(library.client, itemId, directory);
  await expect(damaged.report).rejects.toMatchObject({ problem: "digest" });
  expect(await namesIn(directory)).toEqual([]);
  const handle = await directory.getFileHandle(fileName, { create: true });
  const writable = await handle.createWritable();
  await writable.write("before");
  await writable.close();
  const replacing = downloadItem(library.client, itemId, directory, { existing: "overwrite" });
  await expect(replacing.report).rejects.toMatchObject({ problem: "digest" });
  expect(await (await handle.getFile()).text()).toBe("before");
});

test("a file that a user has chosen is written when it is verified, by pipeTo", async () => {
  await using library = await openLibrary(commands, {
    faults: [{ on: "transfer", kind: "corrupt", atByte: 5 }],
  });
  await using directory = await tempDirectory();
  const handle = await directory.getFileHandle("chosen.iso", { create: true });
  const save = async (): Promise<void> => {
    const stream = await openItemFile(library.client, itemId, fileName);
    await stream.pipeTo(await handle.createWritable());
  };
  await expect(save()).rejects.toMatchObject({ problem: "digest" });
  expect((await handle.getFile()).size).toBe(0);
  await save();
  expect((await handle.getFile()).size).toBe(sizeBytes);
});
