import { chmod, mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tempDirectory, sha256 } from "@carrel/test-kit";
import { expect, test, vi } from "vitest";
import { downloadItem } from "../../src/index.ts";
import type { DownloadItemOptions, DownloadReport } from "../../src/index.ts";
import { eventsOf, openDesk } from "./desk.ts";
import type { Desk } from "./desk.ts";

vi.setConfig({ testTimeout: 30_000 });

const disk = Buffer.alloc(300_000, "disk");
const manifest = `SHA256(disk.vmdk)= ${sha256(disk)}\n`;
const plain = [
  { name: "a.iso", sizeBytes: 200_000 },
  { name: "b.iso", sizeBytes: 50_000 },
];
const names = { item: "item", library: { id: "l", name: "library" } };

function get(desk: Desk, options: DownloadItemOptions = {}): Promise<DownloadReport> {
  return downloadItem(desk.client, desk.item.id, desk.folder.path, { record: names, ...options }).report;
}

/** Calls about download sessions since the journal had this many entries. */
const sessionsSince = ({ simulator }: Desk, before: number): number =>
  simulator.journal.slice(before).filter(({ operation }) => operation?.startsWith("downloadSession.")).length;

test("a second download of the same content version fetches nothing and opens no session", async () => {
  await using desk = await openDesk({ files: plain });
  const first = await get(desk);
  const before = desk.simulator.journal.length;
  const task = downloadItem(desk.client, desk.item.id, desk.folder.path, { record: names });
  const events = await eventsOf(task);
  const second = await task.report;
  expect(second.receivedBytes).toBe(0);
  expect(second.contentVersion).toBe(first.contentVersion);
  expect(second.files.map(({ name, skipped, verifiedBy }) => ({ name, skipped, verifiedBy }))).toEqual(
    plain.map(({ name }) => ({ name, skipped: true, verifiedBy: "length" })),
  );
  expect(second.files.every(({ unchangedSince = "" }) => /^\d{4}-.*Z$/u.test(unchangedSince))).toBe(true);
  expect(events.map(({ type }) => type)).toEqual(["plan", "skipped", "skipped", "done"]);
  expect(desk.simulator.journal.length - before).toBe(2);
  expect(sessionsSince(desk, before)).toBe(0);
  expect(await desk.names()).toEqual([".carrel.json", "a.iso", "b.iso"]);
});

test("the record says what was established, and holds no secret and no transfer URL", async () => {
  await using desk = await openDesk({ files: plain });
  const { files, contentVersion } = await get(desk);
  const text = await readFile(desk.folder.join(".carrel.json"), "utf8");
  const [item] = (JSON.parse(text) as { items: { files: readonly object[] }[] }).items;
  expect(item).toMatchObject({ server: desk.simulator.url.origin, id: desk.item.id, name: "item" });
  expect(item?.files).toEqual(
    files.map(({ name, sizeBytes, digest, verifiedBy }) => ({
      name,
      contentVersion,
      sizeBytes,
      digest,
      verifiedBy,
      verifiedAt: expect.any(String) as string,
    })),
  );
  expect(text).not.toContain(desk.simulator.credentials.password);
  expect(text.replaceAll(desk.simulator.url.origin, "")).not.toMatch(/https?:|session|token/u);
});

test("a manifest that is there is compared again", async () => {
  await using desk = await openDesk({
    type: "ovf",
    files: [
      { name: "x.ovf", text: "<Envelope/>" },
      { name: "x.mf", text: manifest },
      { name: "disk.vmdk", bytes: disk },
    ],
  });
  await get(desk);
  const { files, manifests, receivedBytes } = await get(desk);
  expect(receivedBytes).toBe(0);
  expect(files.find(({ name }) => name === "disk.vmdk")?.verifiedBy).toBe("manifest");
  expect(manifests).toMatchObject([{ name: "x.mf", matched: ["disk.vmdk"] }]);
});

test("one changed byte is found, although size and time of change are the same", async () => {
  await using desk = await openDesk({ files: plain });
  await get(desk);
  const bytes = await readFile(desk.folder.join("a.iso"));
  bytes[1_000] = (bytes[1_000] ?? 0) ^ 1;
  const { atime, mtime } = await stat(desk.folder.join("a.iso"));
  await writeFile(desk.folder.join("a.iso"), bytes);
  await utimes(desk.folder.join("a.iso"), atime, mtime);
  // The file is not the server's, so it is not replaced without being asked.
  await expect(get(desk)).rejects.toMatchObject({ failed: [{ name: "a.iso", error: { problem: "exists" } }] });
  const { files } = await get(desk, { existing: "overwrite" });
  expect(files.map(({ skipped }) => skipped)).toEqual([false, false]);
});

test("only what is missing is fetched", async () => {
  await using desk = await openDesk({ files: plain });
  await get(desk);
  await rm(desk.folder.join("b.iso"));
  const { files, receivedBytes } = await get(desk);
  expect(files.map(({ name, skipped }) => [name, skipped])).toEqual([
    ["a.iso", true],
    ["b.iso", false],
  ]);
  expect(receivedBytes).toBe(50_000);
});

test("a record of another content version, another item or another server skips nothing", async () => {
  await using desk = await openDesk({ files: [{ name: "a.iso", sizeBytes: 200_000 }] });
  await get(desk);
  const text = await readFile(desk.folder.join(".carrel.json"), "utf8");
  const version = desk.item.contentVersion;
  for (const [was, is] of [
    [`"contentVersion": "${version}"`, '"contentVersion": "other"'],
    [desk.item.id, "another-item"],
    [desk.simulator.url.origin, "https://vc.example.com"],
    ['"verifiedBy": "checksum"', '"verifiedBy": "nothing"'],
  ] as const) {
    const changed = text.replace(was, is);
    expect(changed).not.toBe(text);
    await writeFile(desk.folder.join(".carrel.json"), changed);
    expect((await get(desk)).receivedBytes).toBe(200_000);
  }
});

test.skipIf(process.platform === "win32")("a record that others may write to skips nothing", async () => {
  await using desk = await openDesk({ files: [{ name: "a.iso", sizeBytes: 200_000 }] });
  await get(desk);
  await chmod(desk.folder.join(".carrel.json"), 0o666);
  const { receivedBytes, recordError } = await get(desk);
  expect(receivedBytes).toBe(200_000);
  expect(recordError).toMatchObject({ problem: "obstacle" });
});

test("a record that cannot be written does not fail the download", async () => {
  await using desk = await openDesk({ files: plain });
  await mkdir(desk.folder.join(".carrel.json"));
  const { files, recordError } = await get(desk);
  expect(files).toHaveLength(2);
  expect(recordError).toMatchObject({ problem: "obstacle" });
  expect(await desk.names()).toEqual([".carrel.json", "a.iso", "b.iso"]);
});

test("several items in one directory share a record", async () => {
  await using desk = await openDesk({ files: [{ name: "a.iso", sizeBytes: 1_000 }] });
  await using other = await openDesk({ files: [{ name: "b.iso", sizeBytes: 1_000 }] });
  await using folder = await tempDirectory();
  const both = [desk, other];
  for (const { client, item } of both) await downloadItem(client, item.id, folder.path, { record: {} }).report;
  for (const { client, item } of both) {
    expect((await downloadItem(client, item.id, folder.path, { record: {} }).report).receivedBytes).toBe(0);
  }
});

test("without the option no record is written or read", async () => {
  await using desk = await openDesk({ files: plain });
  await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
  expect(await desk.names()).toEqual(["a.iso", "b.iso"]);
  const { receivedBytes } = await downloadItem(desk.client, desk.item.id, desk.folder.path).report;
  expect(receivedBytes).toBe(250_000);
});

test("existing: skip leaves alone what exists, and calls it neither verified nor recorded", async () => {
  await using desk = await openDesk({ files: plain });
  await writeFile(desk.folder.join("a.iso"), "something else");
  const { files, leftAlone } = await get(desk, { existing: "skip" });
  expect(files.map(({ name }) => name)).toEqual(["b.iso"]);
  expect(leftAlone).toEqual([{ name: "a.iso", path: desk.folder.join("a.iso"), sizeBytes: 14 }]);
  expect(await readFile(desk.folder.join("a.iso"), "utf8")).toBe("something else");
  expect(await readFile(desk.folder.join(".carrel.json"), "utf8")).not.toContain("a.iso");
  expect(() =>
    downloadItem(desk.client, desk.item.id, desk.folder.path, { existing: "skip", requireVerified: true }),
  ).toThrow(TypeError);
});

test("a file that only a record vouches for is downloaded again if a checksum is required", async () => {
  await using desk = await openDesk({ files: [{ name: "a.iso", sizeBytes: 200_000 }] });
  await get(desk);
  const { files, receivedBytes } = await get(desk, { requireVerified: "checksum" });
  expect(receivedBytes).toBe(200_000);
  expect(files).toMatchObject([{ verifiedBy: "checksum", skipped: false }]);
});
