import { open, readFile, rename, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { createClient, IntegrityError, passwordAuth } from "@carrel/core";
import type { DownloadEvent } from "@carrel/core";
import { virtualClock } from "@carrel/simulator";
import { expect, test, vi } from "vitest";
import { downloadItem } from "../../src/index.ts";
import type { DownloadItemOptions } from "../../src/index.ts";
import { eventsOf, openDesk, until } from "./desk.ts";
import type { Desk } from "./desk.ts";
import { Flow } from "./flow.ts";

// They mostly wait, and several wait at once.
vi.setConfig({ testTimeout: 30_000, maxConcurrency: 8 });

const MiB = 1_048_576;
const disk = { name: "disk-0.vmdk", sizeBytes: 3 * MiB + 3 };

/** Downloads until some of the disk is there, and stops. */
async function interrupt(desk: Desk, options: DownloadItemOptions = {}): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const task = downloadItem(desk.client, desk.item.id, desk.folder.path, {
    maxBytesPerSecond: 16 * MiB,
    progressIntervalMs: 20,
    ...options,
    signal,
  });
  await until(task, (event) => event.type === "transferring" && event.file === disk.name && event.receivedBytes > MiB);
  controller.abort();
  await expect(task.report).rejects.toMatchObject({ name: "AbortError" });
}

function resumedFrom(events: readonly DownloadEvent[]): number {
  return events.reduce((found, event) => (event.type === "resumed" ? event.fromByte : found), 0);
}

interface Finished {
  readonly fromByte: number;
  readonly receivedBytes: number;
  readonly reread: readonly Extract<DownloadEvent, { type: "rereading" }>[];
}

async function finish(desk: Desk): Promise<Finished> {
  const task = downloadItem(desk.client, desk.item.id, desk.folder.path);
  const events = await eventsOf(task);
  const fromByte = resumedFrom(events);
  const reread = events.filter((event) => event.type === "rereading");
  const { receivedBytes } = await task.report;
  expect(await readFile(desk.folder.join(disk.name))).toEqual(Buffer.from(await desk.item.file(disk.name).bytes()));
  expect((await desk.names()).filter((name) => name.includes(".part"))).toEqual([]);
  return { fromByte, receivedBytes, reread };
}

test.concurrent("downloadItem resumes an interrupted download from its part and record", async () => {
  await using desk = await openDesk({ files: [disk] });
  await interrupt(desk);
  expect(await desk.names()).toEqual(["disk-0.vmdk.part", "disk-0.vmdk.part.json"]);
  const { size } = await stat(desk.folder.join("disk-0.vmdk.part"));
  const record = await readFile(desk.folder.join("disk-0.vmdk.part.json"), "utf8");
  expect(JSON.parse(record)).toMatchObject({
    bytes: size,
    itemId: desk.item.id,
    contentVersion: desk.item.contentVersion,
  });
  expect(record).not.toMatch(/cls\/data|session/);
  const { fromByte, receivedBytes, reread } = await finish(desk);
  expect(reread).toEqual([]);
  expect(fromByte).toBe(size);
  expect(receivedBytes).toBe(disk.sizeBytes - size);
});

test.concurrent("downloadItem reads the beginning again and compares it if the server ignores ranges", async () => {
  await using desk = await openDesk({ files: [disk], transfer: { ranges: false } });
  await interrupt(desk);
  const { fromByte, receivedBytes, reread } = await finish(desk);
  expect(fromByte).toBeGreaterThan(MiB);
  expect(reread.at(-1)).toEqual({
    type: "rereading",
    file: disk.name,
    comparedBytes: fromByte,
    keptBytes: fromByte,
  });
  expect(receivedBytes).toBe(disk.sizeBytes);
});

test.concurrent.each<[string, (desk: Desk) => Promise<void>]>([
  [
    "one byte of the part differs",
    async ({ folder }) => {
      await using file = await open(folder.join("disk-0.vmdk.part"), "r+");
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 700_000);
      await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, 700_000);
    },
  ],
  ["the part is shorter than its record states", ({ folder }) => truncate(folder.join("disk-0.vmdk.part"), 700_000)],
  ["the record is truncated", ({ folder }) => truncate(folder.join("disk-0.vmdk.part.json"), 40)],
  ["the record is invalid", ({ folder }) => writeFile(folder.join("disk-0.vmdk.part.json"), '{"format":1,"bytes":-1}')],
  ["the part is a link to another directory", async ({ folder }) => linkAside(folder.join("disk-0.vmdk.part"))],
  ["the content changed on the server", async ({ item }) => void item.putFile({ ...disk, seed: "other" })],
])("downloadItem starts a file over if %s", async (_what, spoil) => {
  await using desk = await openDesk({ files: [disk] });
  await interrupt(desk);
  await spoil(desk);
  expect(await finish(desk)).toMatchObject({ fromByte: 0, receivedBytes: disk.sizeBytes });
});

async function linkAside(path: string): Promise<void> {
  const aside = path.replace(".part", ".aside");
  await rename(path, aside);
  await symlink(aside, path);
}

test.concurrent("downloadItem truncates a part after the bytes of its record", async () => {
  await using desk = await openDesk({ files: [disk] });
  await interrupt(desk);
  await writeFile(desk.folder.join("disk-0.vmdk.part"), "garbage".repeat(700_000), { flag: "a" });
  expect((await finish(desk)).fromByte).toBeGreaterThan(MiB);
});

test.concurrent("downloadItem starts a part over with existing: error and overwrite", async () => {
  for (const existing of ["overwrite", "error"] as const) {
    await using desk = await openDesk({ files: [disk] });
    await interrupt(desk);
    const { receivedBytes } = await downloadItem(desk.client, desk.item.id, desk.folder.path, { existing }).report;
    expect(receivedBytes).toBe(disk.sizeBytes);
    expect(await desk.names()).toEqual([disk.name]);
  }
});

test.concurrent("downloadItem skips files that were whole before an interruption, by what is compared now", async () => {
  await using desk = await openDesk({
    files: [{ name: "a.iso", sizeBytes: 1_000 }, disk],
    report: { checksum: "never" },
  });
  await interrupt(desk, { concurrency: 1, factsTimeoutMs: 0 });
  expect(await desk.names()).toEqual(["a.iso", "a.iso.part.json", "disk-0.vmdk.part", "disk-0.vmdk.part.json"]);
  const task = downloadItem(desk.client, desk.item.id, desk.folder.path);
  const events = await eventsOf(task);
  const { files } = await task.report;
  const { path, digest } = files[0] ?? {};
  expect(events).toContainEqual({
    type: "skipped",
    file: "a.iso",
    verifiedBy: "length",
    sizeBytes: 1_000,
    path,
    digest,
  });
  expect(files[0]).toMatchObject({ name: "a.iso", skipped: true, verifiedBy: "length", receivedBytes: 0 });
  expect(await desk.names()).toEqual(["a.iso", disk.name]);
});

test.concurrent("downloadItem refuses to replace a complete file that was changed locally", async () => {
  await using desk = await openDesk({ files: [{ name: "a.iso", sizeBytes: 1_000 }, disk] });
  await interrupt(desk, { concurrency: 1 });
  await writeFile(desk.folder.join("a.iso"), "mine now");
  await expect(downloadItem(desk.client, desk.item.id, desk.folder.path).report).rejects.toThrow(
    /" already exists with 8 bytes, and the file on the server has 1000$/,
  );
  expect(await readFile(desk.folder.join("a.iso"), "utf8")).toBe("mine now");
});

test.concurrent.each([
  // Of a server that states a checksum after a download only, at least that is asked for.
  { checksum: "never", receivedBytes: 1, verifiedBy: "length" },
  { checksum: "downloaded", receivedBytes: 1, verifiedBy: "checksum" },
  { checksum: "always", receivedBytes: 0, verifiedBy: "checksum" },
] as const)(
  "downloadItem fetches no more than needed for a part that has all bytes: %j",
  async ({ checksum, ...finished }) => {
    await using desk = await openDesk({ files: [disk], report: { checksum } });
    await interrupt(desk);
    const recordPath = desk.folder.join("disk-0.vmdk.part.json");
    const record: unknown = JSON.parse(await readFile(recordPath, "utf8"));
    await writeFile(desk.folder.join("disk-0.vmdk.part"), await desk.item.file(disk.name).bytes());
    const digest = { algorithm: "sha256", hex: await desk.item.file(disk.name).sha256() };
    await writeFile(
      recordPath,
      JSON.stringify({ ...(record as object), bytes: disk.sizeBytes, digest, verifiedBy: "length" }),
    );
    const { files } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
    expect(files[0]).toMatchObject({ ...finished, skipped: false });
    expect(await desk.names()).toEqual([disk.name]);
  },
);

test.concurrent("downloadItem skips an existing file with the server's checksum, and refuses any other", async () => {
  await using desk = await openDesk({ files: [disk], report: { itemChecksum: true } });
  await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
  const { files, receivedBytes } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
  expect(receivedBytes).toBe(0);
  expect(files[0]).toMatchObject({
    skipped: true,
    verifiedBy: "checksum",
    digest: { hex: await desk.item.file(disk.name).sha256() },
  });
  desk.item.putFile({ ...disk, seed: "newer" });
  const changed = downloadItem(desk.client, desk.item.id, desk.folder.path);
  await expect(changed.report).rejects.toThrow(/" already exists and differs from the file on the server$/);
});

test.concurrent.each(["cut", "end", "continue"] as const)(
  "downloadItem replaces a session that is lost in mid-transfer (%s), and resumes at the same byte",
  async (onSessionEnd) => {
    const transfer = { onSessionEnd, ...(onSessionEnd === "end" && { contentLength: false }) };
    const flow = new Flow();
    await using desk = await openDesk({
      files: [disk],
      ...flow.options,
      transfer: { ...flow.options.transfer, ...transfer },
    });
    const clock = virtualClock();
    const auth = passwordAuth(desk.simulator.credentials);
    await using client = createClient({ endpoint: desk.simulator.url, auth, clock });
    const task = downloadItem(client, desk.item.id, desk.folder.path, { progressIntervalMs: 1 });
    const sessions = new Set<string>();
    const [inMidTransfer, replaced] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const seen = (async () => {
      for await (const event of task) {
        if (event.type === "session") sessions.add(event.session.id);
        if (sessions.size > 1) replaced.resolve();
        if (event.type === "transferring" && event.receivedBytes > MiB) inMidTransfer.resolve();
      }
    })();
    await flow.until(inMidTransfer.promise);
    desk.simulator.expireDownloadSessions();
    // Where the body continues, only the lease notices the loss, when it is renewed.
    if (onSessionEnd === "continue") await clock.advance(240_000);
    await replaced.promise;
    await flow.until(seen);
    const { files } = await task.report;
    expect(files[0]).toMatchObject({ digest: { hex: await desk.item.file(disk.name).sha256() } });
    expect(sessions.size).toBe(2);
    expect(files[0]?.receivedBytes).toBeLessThan(disk.sizeBytes + 2 * MiB);
  },
);

test.concurrent("downloadItem rejects with an IntegrityError that names both versions if the content changed while the session was lost", async () => {
  await using desk = await openDesk({ files: [disk] });
  const task = downloadItem(desk.client, desk.item.id, desk.folder.path, { maxBytesPerSecond: 8 * MiB });
  await until(task, (event) => event.type === "transferring" && event.receivedBytes > MiB);
  const before = desk.item.contentVersion;
  desk.item.putFile({ ...disk, seed: "other" });
  desk.simulator.expireDownloadSessions();
  await expect(task.report).rejects.toThrow(IntegrityError);
  await expect(task.report).rejects.toThrow(`its content version is ${desk.item.contentVersion}, not ${before}`);
  expect(await desk.names()).toEqual([]);
});

test.concurrent("downloadItem renews logins that end in mid-download", async () => {
  await using desk = await openDesk({ files: [disk, { name: "b.iso", sizeBytes: 2 * MiB }] });
  const task = downloadItem(desk.client, desk.item.id, desk.folder.path, {
    maxBytesPerSecond: 16 * MiB,
    concurrency: 1,
  });
  for await (const event of task) {
    if (event.type === "transferring") desk.simulator.expireApiSessions();
  }
  expect((await task.report).files.map(({ verifiedBy }) => verifiedBy)).toEqual(["checksum", "checksum"]);
});

test.concurrent("downloadItem refuses to download into a directory where another download is at work", async () => {
  await using desk = await openDesk({ files: [disk] });
  const first = downloadItem(desk.client, desk.item.id, desk.folder.path, { maxBytesPerSecond: 16 * MiB });
  await until(first, ({ type }) => type === "transferring");
  const second = downloadItem(desk.client, desk.item.id, desk.folder.path);
  await expect(second.report).rejects.toThrow(/is being downloaded to this directory by another process/);
  const { files } = await first.report;
  expect(files[0]?.verifiedBy).toBe("checksum");
  expect(await desk.names()).toEqual([disk.name]);
});

test.concurrent("downloadItem reads a part again and compares it if the server identifies the file differently", async () => {
  await using desk = await openDesk({ files: [disk], report: { checksum: "never" } });
  await interrupt(desk);
  expect(JSON.parse(await readFile(desk.folder.join("disk-0.vmdk.part.json"), "utf8"))).toMatchObject({
    validator: { etag: expect.any(String) as string },
  });
  desk.simulator.faults.add({ on: "transfer", kind: "changeEtag", times: "always" });
  const { receivedBytes } = await finish(desk);
  expect(receivedBytes).toBe(disk.sizeBytes);
});
