import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { createClient, IntegrityError, passwordAuth, ServerError, TransferError } from "@carrel/core";
import { virtualClock } from "@carrel/simulator";
import type { SimulatorOptions } from "@carrel/simulator";
import { expect, test, vi } from "vitest";
import { createNodeFetch, downloadItem } from "../../src/index.ts";
import type { DownloadItemOptions, RequiredVerification } from "../../src/index.ts";
import { eventsOf, openDesk, until } from "./desk.ts";
import { Flow } from "./flow.ts";

// They mostly wait, and several wait at once.
vi.setConfig({ testTimeout: 30_000, maxConcurrency: 8 });

const MiB = 1_048_576;
const files = [
  { name: "disk-0.vmdk", sizeBytes: 5 * MiB + 7 },
  { name: "empty.nvram", sizeBytes: 0 },
  { name: "small.iso", sizeBytes: 1_000 },
];

test.concurrent("downloadItem downloads an item, verified by the server's checksum", async () => {
  await using desk = await openDesk({ files });
  await using task = downloadItem(desk.client, desk.item.id, desk.folder.join("new", "folder"));
  const events = await eventsOf(task);
  const report = await task.report;
  expect(report).toMatchObject({
    itemId: desk.item.id,
    contentVersion: desk.item.contentVersion,
    directory: desk.folder.join("new", "folder"),
    manifests: [],
    receivedBytes: 5 * MiB + 1_007,
  });
  expect(report.files.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
  for (const file of report.files) {
    const original = desk.item.file(file.name);
    expect(file).toMatchObject({
      path: desk.folder.join("new", "folder", file.name),
      sizeBytes: original.sizeBytes,
      verifiedBy: "checksum",
      digest: { algorithm: "sha256", hex: await original.sha256() },
      skipped: false,
    });
    expect(await readFile(file.path)).toEqual(Buffer.from(await original.bytes()));
  }
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["session", "plan", "transferring", "finished", "done"]),
  );
  expect(events.at(-1)).toMatchObject({ type: "done", files: 3, receivedBytes: 5 * MiB + 1_007 });
  expect(events.filter(({ type }) => type === "finished")).toHaveLength(3);
});

test.concurrent.each<[string, SimulatorOptions]>([
  ["legacy style", { version: "6.7" }],
  ["TLS and the endpoint's own pin", { tls: true }],
  ["an endpoint with its certificate", { tls: true, version: "9.1" }],
  ["no ranges, no ETag, no length", { transfer: { ranges: false, etag: false, contentLength: false } }],
  ["files that have to be prepared", { prepare: { requestedMs: 50, preparingMs: 300 } }],
])("downloadItem downloads with %s", async (_what, options) => {
  await using desk = await openDesk({ ...options, files });
  const { certificate } = desk.simulator;
  await using fetch = createNodeFetch(certificate && { thumbprint: certificate.sha256 });
  await using client = createClient({
    endpoint: desk.simulator.url,
    auth: passwordAuth(desk.simulator.credentials),
    fetch,
  });
  const { files: reports } = await downloadItem(client, desk.item.id, desk.folder.path).report;
  for (const { name, digest, verifiedBy } of reports) {
    expect([verifiedBy, digest.hex]).toEqual(["checksum", await desk.item.file(name).sha256()]);
  }
  expect(await desk.names()).toEqual(files.map(({ name }) => name));
});

/** For servers that state what they know at once. */
const atOnce = { factsTimeoutMs: 0 } as const;

test.concurrent("downloadItem reports how each file was verified", async () => {
  await using desk = await openDesk({ files, report: { size: "downloaded", checksum: "never" } });
  const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path, atOnce).report;
  expect(reports.map(({ verifiedBy }) => verifiedBy)).toEqual(["length", "length", "length"]);
});

test.concurrent("downloadItem never calls a file without length and checksum verified", async () => {
  const options = { files, report: { size: "never", checksum: "never" }, transfer: { contentLength: false } } as const;
  await using desk = await openDesk(options);
  const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path, atOnce).report;
  expect(reports.map(({ verifiedBy }) => verifiedBy)).toEqual(["nothing", "nothing", "nothing"]);
  const demanding = { ...atOnce, requireVerified: true };
  const strict = downloadItem(desk.client, desk.item.id, desk.folder.join("strict"), demanding);
  await expect(strict.report).rejects.toThrow(/^Cannot verify ".*": the server states neither/);
});

test.concurrent("downloadItem with a level of requireVerified accepts nothing weaker", async () => {
  await using desk = await openDesk({ files, report: { size: "downloaded", checksum: "never" } });
  const get = (requireVerified: RequiredVerification): Promise<unknown> =>
    downloadItem(desk.client, desk.item.id, desk.folder.join(String(requireVerified)), { ...atOnce, requireVerified })
      .report;
  await expect(get("checksum")).rejects.toThrow(/^Cannot verify ".*" by checksum: the server states no checksum/);
  await expect(get("manifest")).rejects.toThrow(
    / by checksum or manifest: the server states no checksum, and no manifest/,
  );
  for (const level of ["length", true, false] as const) await get(level);
  // @ts-expect-error -- a level that does not exist
  expect(() => get("nothing")).toThrow('requireVerified must be "checksum", "manifest" or "length": got "nothing"');
});

test.concurrent.each([
  [
    "a wrong checksum",
    { checksum: { algorithm: "SHA1", checksum: "0".repeat(40) } },
    /does not match the server's checksum/,
  ],
  ["more bytes than the server has", { sizeBytes: 999 }, /too long: received 1000 bytes, expected 999$/],
  ["fewer bytes than the server has", { sizeBytes: 1_001 }, /too short: received 1000 bytes, expected 1001$/],
] as const)(
  "downloadItem rejects %s with an IntegrityError, and nothing gets the final name",
  async (_what, states, message) => {
    await using desk = await openDesk({ files: [{ name: "small.iso", sizeBytes: 1_000, states }] });
    const failed = downloadItem(desk.client, desk.item.id, desk.folder.path, atOnce).report;
    await expect(failed).rejects.toThrow(IntegrityError);
    await expect(failed).rejects.toThrow(message);
    expect(await desk.names()).toEqual([]);
  },
);

test.concurrent("downloadItem uses the algorithm of the server's checksum", async () => {
  for (const checksumAlgorithm of ["SHA1", "MD5", "SHA256", "SHA512"] as const) {
    await using desk = await openDesk({ files, report: { checksumAlgorithm } });
    const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
    expect(reports.every(({ verifiedBy }) => verifiedBy === "checksum")).toBe(true);
  }
});

test.concurrent("downloadItem selects files by include and exclude", async () => {
  await using desk = await openDesk({ files });
  const options = { include: ["*.{vmdk,iso}"], exclude: ["disk*"] };
  const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path, options).report;
  expect(reports.map(({ name }) => name)).toEqual(["small.iso"]);
  const none = downloadItem(desk.client, desk.item.id, desk.folder.path, { include: ["*.ovf"] });
  await expect(none.report).rejects.toThrow(
    'No file matches "*.ovf": the item has "disk-0.vmdk", "empty.nvram", "small.iso"',
  );
});

test.concurrent.each(["../escaped.iso", "a/b", "C:\\x", "NUL", "x\0y", "a "])(
  "downloadItem refuses the hostile name %j before anything is written",
  async (name) => {
    await using desk = await openDesk({
      files: [
        { name: "good.iso", sizeBytes: 10 },
        { name, sizeBytes: 10 },
      ],
    });
    const target = desk.folder.join("target");
    await expect(downloadItem(desk.client, desk.item.id, target).report).rejects.toThrow(
      /^Cannot write the file ".*" that the server names: it /,
    );
    expect(await desk.names()).toEqual([]);
    const { files: reports } = await downloadItem(desk.client, desk.item.id, target, { include: ["good.iso"] }).report;
    expect(reports).toHaveLength(1);
  },
);

test.concurrent("downloadItem refuses names that differ only in case", async () => {
  await using desk = await openDesk({
    files: [
      { name: "Disk.vmdk", sizeBytes: 1 },
      { name: "disk.vmdk", sizeBytes: 2 },
    ],
  });
  await expect(downloadItem(desk.client, desk.item.id, desk.folder.path).report).rejects.toThrow(
    /: some file systems treat the two names as one$/,
  );
  expect(await desk.names()).toEqual([]);
});

test.concurrent("downloadItem rejects an unknown item with NOT_FOUND", async () => {
  await using desk = await openDesk({ files });
  const failed = downloadItem(desk.client, "00000000-0000-0000-0000-000000000000", desk.folder.path);
  await expect(failed.report).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(failed.report).rejects.toThrow(ServerError);
});

test.concurrent("downloadItem rejects an item that is not on the server's disk with PREPARE_FAILED", async () => {
  await using desk = await openDesk({ files });
  desk.item.setCached(false);
  await expect(downloadItem(desk.client, desk.item.id, desk.folder.path).report).rejects.toMatchObject({
    code: "PREPARE_FAILED",
  });
  expect(await desk.names()).toEqual([]);
});

test.concurrent("downloadItem rejects with the signal's reason after an abort, and deletes the session", async () => {
  await using desk = await openDesk({ files });
  const controller = new AbortController();
  const reason = { any: "thing" };
  const options = { signal: controller.signal, maxBytesPerSecond: 2 * MiB };
  const task = downloadItem(desk.client, desk.item.id, desk.folder.path, options);
  await until(task, ({ type }) => type === "transferring");
  controller.abort(reason);
  await expect(task.report).rejects.toBe(reason);
  expect(desk.simulator.downloadSessions).toEqual([]);
  const aborted = downloadItem(desk.client, desk.item.id, desk.folder.path, { signal: AbortSignal.abort(reason) });
  await expect(aborted.report).rejects.toBe(reason);
});

test.concurrent("DownloadTask aborts the download when its loop is left", async () => {
  await using desk = await openDesk({ files });
  const task = downloadItem(desk.client, desk.item.id, desk.folder.path, { maxBytesPerSecond: 2 * MiB });
  for await (const { type } of task) if (type === "transferring") break;
  expect(desk.simulator.downloadSessions).toEqual([]);
  await expect(task.report).rejects.toMatchObject({ name: "AbortError" });
});

test.concurrent("DownloadTask aborts the download on disposal, which does nothing after the end", async () => {
  await using desk = await openDesk({ files });
  {
    await using task = downloadItem(desk.client, desk.item.id, desk.folder.path, { maxBytesPerSecond: 2 * MiB });
    await until(task, ({ type }) => type === "transferring");
  }
  expect(desk.simulator.downloadSessions).toEqual([]);
  await using task = downloadItem(desk.client, desk.item.id, desk.folder.path);
  await task.report;
});

test.concurrent("DownloadTask throws from its iterator what its report rejects with, and neither has to be used", async () => {
  await using desk = await openDesk({ files });
  const options = { include: ["nothing"] };
  await expect(eventsOf(downloadItem(desk.client, desk.item.id, desk.folder.path, options))).rejects.toThrow(
    TransferError,
  );
  await expect(downloadItem(desk.client, desk.item.id, desk.folder.path, options).report).rejects.toThrow(
    TransferError,
  );
  const ignored = downloadItem(desk.client, desk.item.id, desk.folder.path, options);
  await ignored[Symbol.asyncDispose]();
});

test.concurrent("DownloadTask is not a thenable and is iterated once; downloadItem accepts a file URL", async () => {
  await using desk = await openDesk({ files });
  const task = downloadItem(desk.client, desk.item.id, pathToFileURL(desk.folder.path));
  expect(task).not.toHaveProperty("then");
  await eventsOf(task);
  expect(() => task[Symbol.asyncIterator]()).toThrow(TypeError);
  expect(await desk.names()).toEqual(files.map(({ name }) => name));
});

test.concurrent("downloadItem refuses options that are out of range or misspelt", async () => {
  await using desk = await openDesk({ files });
  expect(() => downloadItem(desk.client, desk.item.id, desk.folder.path, { concurrency: 0 })).toThrow(RangeError);
  expect(() => downloadItem(desk.client, desk.item.id, desk.folder.path, { stallTimeoutMs: 0.5 })).toThrow(RangeError);
  const misspelt = { existing: "overwite" } as unknown as DownloadItemOptions;
  expect(() => downloadItem(desk.client, desk.item.id, desk.folder.path, misspelt)).toThrow(
    /^existing must be "resume", "error", "overwrite" or "skip": got "overwite"$/u,
  );
  for (const name of ["stallTimeoutMs", "prepareTimeoutMs"]) {
    const start = (): unknown => downloadItem(desk.client, desk.item.id, desk.folder.path, { [name]: 2 ** 31 });
    expect(start).toThrow(`${name} must be a whole number from 1 to 2147483647: got 2147483648`);
  }
});

test.concurrent("downloadItem reports progress at most once in progressIntervalMs, with total, rate and time left", async () => {
  await using desk = await openDesk({ files: [{ name: "a.iso", sizeBytes: 2 * MiB }] });
  const startedAt = performance.now();
  const task = downloadItem(desk.client, desk.item.id, desk.folder.path, {
    maxBytesPerSecond: 4 * MiB,
    progressIntervalMs: 50,
  });
  const progress = (await eventsOf(task)).flatMap((event) => (event.type === "transferring" ? [event] : []));
  expect(progress.length).toBeGreaterThan(2);
  expect(progress.length).toBeLessThanOrEqual((performance.now() - startedAt) / 50 + 1);
  expect(progress.map(({ receivedBytes }) => receivedBytes)).toEqual(
    progress.map(({ receivedBytes }) => receivedBytes).toSorted((a, b) => a - b),
  );
  expect(progress.at(-1)).toMatchObject({ receivedBytes: 2 * MiB, totalBytes: 2 * MiB, etaMs: 0 });
  expect(progress[1]?.bytesPerSecond).toBeGreaterThan(0);
});

test.concurrent("downloadItem reports its progress to the server", async ({ expect: check }) => {
  const flow = new Flow();
  await using desk = await openDesk({ files: [{ name: "a.iso", sizeBytes: 2 * MiB }], ...flow.options });
  const clock = virtualClock();
  const auth = passwordAuth(desk.simulator.credentials);
  await using client = createClient({ endpoint: desk.simulator.url, auth, clock });
  const task = downloadItem(client, desk.item.id, desk.folder.path, { progressIntervalMs: 1 });
  await flow.until(until(task, (event) => event.type === "transferring" && event.receivedBytes > MiB));
  // The progress goes along when the lease is renewed.
  await clock.advance(240_000);
  const percent = (): number => desk.simulator.downloadSessions[0]?.progressPercent ?? 0;
  await check.poll(percent).toBeGreaterThan(10);
  expect(percent()).toBeLessThan(100);
  await flow.until(task.report);
});

test.concurrent("downloadItem transfers as many files at once as allowed, and prepares the next one meanwhile", async () => {
  const many = Array.from({ length: 6 }, (_, index) => ({ name: `disk-${index}.vmdk`, sizeBytes: 200_000 }));
  await using desk = await openDesk({ files: many });
  const { report } = downloadItem(desk.client, desk.item.id, desk.folder.path, {
    concurrency: 3,
    maxBytesPerSecond: 4 * MiB,
  });
  await report;
  const order = desk.simulator.journal.flatMap(({ kind, operation, file }) => {
    if (operation === "downloadSession.file.prepare") return ["prepare"];
    return kind === "transfer" ? [`transfer ${file}`] : [];
  });
  expect(order.filter((entry) => entry === "prepare")).toHaveLength(6);
  expect(order.slice(-2).some((entry) => entry.startsWith("transfer"))).toBe(true);
});

test.concurrent("downloadItem treats an existing file as the option existing says", async () => {
  await using desk = await openDesk({ files });
  const path = desk.folder.join("small.iso");
  const mine = Buffer.alloc(1_000, "mine");
  const get = async (existing: DownloadItemOptions["existing"]): Promise<unknown> =>
    downloadItem(desk.client, desk.item.id, desk.folder.path, existing && { existing }).report;
  await writeFile(path, mine);
  await expect(get("error")).rejects.toThrow(/small\.iso" already exists$/);
  expect(await desk.names()).toEqual(["small.iso"]);
  await expect(get("resume")).rejects.toThrow(
    /small\.iso" appeared during the download and differs from the downloaded file$/,
  );
  expect(await readFile(path)).toEqual(mine);
  await writeFile(path, "short");
  await expect(get("resume")).rejects.toThrow(/already exists with 5 bytes, and the file on the server has 1000$/);
  expect(await readFile(path, "utf8")).toBe("short");
  await get("overwrite");
  const original = Buffer.from(await desk.item.file("small.iso").bytes());
  expect(await readFile(path)).toEqual(original);
  await get("resume");
  expect(await readFile(path)).toEqual(original);
  expect(await desk.names()).toEqual(files.map(({ name }) => name));
});
