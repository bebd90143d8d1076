import { readFile, writeFile } from "node:fs/promises";
import { IntegrityError } from "@carrel/core";
import type { PackageNote } from "@carrel/core";
import { hexDigest } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { downloadItem } from "../../src/index.ts";
import type { DownloadItemOptions, DownloadReport } from "../../src/index.ts";
import { eventsOf, openDesk } from "./desk.ts";
import type { Desk, DeskOptions } from "./desk.ts";

const ovf = { name: "x.ovf", text: "<Envelope/>" };
const disk = { name: "disk.vmdk", bytes: new Uint8Array(300_000).fill(7) };
const good = hexDigest("sha256", disk.bytes);
// As of a disk with one flipped bit.
const bad = hexDigest("sha256", new Uint8Array(300_000).fill(7, 1));
const ovfLine = `SHA256(x.ovf)= ${hexDigest("sha256", ovf.text)}\n`;
/** A server that states lengths alone. */
const noSum = { report: { checksum: "never" } } as const;

/** An item of a descriptor, a disk and one manifest. */
function item(manifest: string | Uint8Array, options: Partial<DeskOptions> = noSum): DeskOptions {
  const mf = { name: "x.mf", bytes: Buffer.from(manifest) };
  return { files: [ovf, disk, mf], type: "ovf", ...options };
}

/** Asks once for what the server states after a file: it states no checksum, or states it from the start. */
async function get(desk: Desk, options: DownloadItemOptions = {}): Promise<DownloadReport> {
  return downloadItem(desk.client, desk.item.id, desk.folder.path, { factsTimeoutMs: 0, ...options }).report;
}

function notesOf({ manifests }: DownloadReport): readonly PackageNote[] {
  return manifests.flatMap(({ notes }) => notes);
}

function fileOf({ files }: DownloadReport, name: string = disk.name): DownloadReport["files"][number] | undefined {
  return files.find((file) => file.name === name);
}

const unusable: readonly (readonly [what: string, line: string, note: Partial<PackageNote>])[] = [
  ["with an unknown algorithm", `SHA3-256(disk.vmdk)= ${bad}`, { reason: "unknown-algorithm", value: "SHA3-256" }],
  ["with a truncated digest", `SHA256(disk.vmdk)= ${bad.slice(1)}`, { reason: "digest-length", named: "disk.vmdk" }],
  ["that is not a digest", `disk.vmdk: ${bad}`, { reason: "unreadable-line", value: `disk.vmdk: ${bad}` }],
];

test.each(unusable)("downloadItem reports a line %s, and does not call the file proved", async (_what, line, note) => {
  await using desk = await openDesk(item(ovfLine + line));
  const report = await get(desk);
  const full = { manifest: "x.mf", line: 2, ...note };
  expect(notesOf(report)).toMatchObject([full]);
  expect(fileOf(report)).toMatchObject({ verifiedBy: "length", doubts: [full] });
  expect(fileOf(report, "x.ovf")).not.toHaveProperty("doubts");
  await using strict = await openDesk(item(ovfLine + line));
  await expect(get(strict, { requireVerified: true })).rejects.toMatchObject({
    problem: "unverifiable",
    message: expect.stringMatching(/^Cannot verify "disk.vmdk": .*line 2 of "x.mf": /) as string,
  });
  expect(await strict.names()).not.toContain(disk.name);
});

test.each([
  ["SHA2-256", `SHA2-256(disk.vmdk)= `],
  ["lower case", `sha-256 ( disk.vmdk ) = `],
  ["a directory", `SHA256(./disk.vmdk)= `],
  ["a directory of Windows", `SHA256(.\\disk.vmdk)= `],
  ["upper case in the name", `SHA256(DISK.VMDK)= `],
  ["percent-encoding", `SHA256(d%69sk.vmdk)= `],
])("downloadItem compares a line with %s", async (_what, start) => {
  await using desk = await openDesk(item(`${ovfLine}${start}${bad}`));
  await expect(get(desk)).rejects.toMatchObject({
    problem: "digest",
    message: expect.stringContaining('"disk.vmdk" does not match the OVF manifest "x.mf" (line 2') as string,
  });
  await using other = await openDesk(item(`${ovfLine}${start}${good}`));
  expect(fileOf(await get(other, { requireVerified: true }))).toMatchObject({ verifiedBy: "manifest" });
});

test.each([
  ["in UTF-16", Buffer.from(`\uFEFFSHA256(disk.vmdk)= ${bad}\r\n`, "utf16le")],
  ["of sha256sum", Buffer.from(`${bad} *disk.vmdk\n`)],
  ["of old Macs", Buffer.from(`\r${ovfLine.trim()}\rSHA256(disk.vmdk)= ${bad}\r`)],
])("downloadItem compares a manifest %s", async (_what, manifest) => {
  await using desk = await openDesk(item(manifest));
  await expect(get(desk)).rejects.toMatchObject({ problem: "digest" });
});

test.each([
  ["in UTF-16 without a mark", Buffer.from(`SHA256(disk.vmdk)= ${bad}`, "utf16le"), "encoding"],
  ["that is empty", Buffer.from("\n"), "empty"],
  ["that is too large", Buffer.alloc(4_194_305, "\n"), "too-large"],
])("downloadItem reports a manifest %s, which proves nothing", async (_what, manifest, reason) => {
  await using desk = await openDesk(item(manifest));
  const report = await get(desk);
  expect(notesOf(report)).toEqual([{ reason, manifest: "x.mf" }]);
  expect(fileOf(report)).toMatchObject({ verifiedBy: "length", doubts: [{ reason }] });
  // A manifest that proves nothing has no doubts about itself.
  expect(fileOf(report, "x.mf")).not.toHaveProperty("doubts");
});

test.each([
  ["SHA1", hexDigest("sha1", disk.bytes), "SHA256", bad],
  ["SHA256", good, "SHA1", hexDigest("sha1", "x")],
  ["SHA256", good, "SHA256", bad],
])("downloadItem compares both of two lines for one file: %s is right, %s is not", async (one, right, other, wrong) => {
  for (const text of [
    `${one}(disk.vmdk)= ${right}\n${other}(disk.vmdk)= ${wrong}`,
    `${other}(disk.vmdk)= ${wrong}\n${one}(disk.vmdk)= ${right}`,
  ]) {
    await using desk = await openDesk(item(text));
    await expect(get(desk)).rejects.toMatchObject({ problem: "digest" });
  }
});

test("downloadItem verifies a file by one of two lines if the other one is unreadable", async () => {
  await using desk = await openDesk(item(`SHA3-256(disk.vmdk)= ${bad}\nSHA256(disk.vmdk)= ${good}\n${ovfLine}`));
  const report = await get(desk, { requireVerified: true });
  expect(fileOf(report)).toMatchObject({ verifiedBy: "manifest" });
  expect(notesOf(report)).toMatchObject([{ reason: "unknown-algorithm", line: 1 }]);
});

test("downloadItem ignores what macOS keeps beside a manifest, and compares each file with the manifest that names it", async () => {
  const shadow = { name: "._x.mf", text: "\0\u0005\u0016\u0007" };
  const files = [
    ovf,
    disk,
    shadow,
    { name: "x.mf", text: ovfLine },
    { name: "y.mf", text: `SHA256(disk.vmdk)= ${good}` },
  ];
  await using desk = await openDesk({ files, type: "ovf", ...noSum });
  // Names that begin with a dot are not written.
  const report = await get(desk, { requireVerified: true, exclude: ["._*"] });
  expect(report.manifests).toMatchObject([
    { name: "x.mf", matched: ["x.ovf"], unnamed: [], notes: [] },
    { name: "y.mf", matched: ["disk.vmdk"], unnamed: [], notes: [] },
  ]);
  const wrong = files.with(4, { name: "y.mf", text: `SHA256(disk.vmdk)= ${bad}` });
  await using other = await openDesk({ files: wrong, type: "ovf", ...noSum });
  await expect(get(other, { include: ["*.vmdk"] })).rejects.toMatchObject({ problem: "digest" });
});

test("downloadItem ignores a manifest's lines on itself and its certificate, and compares those on another manifest", async () => {
  const own = `SHA256(x.mf)= ${bad}\nSHA256(x.cert)= ${bad}\n${ovfLine}SHA256(disk.vmdk)= ${good}\n`;
  const cert = { name: "x.cert", text: "-----BEGIN CERTIFICATE-----" };
  const right = { name: "y.mf", text: `SHA256(x.mf)= ${hexDigest("sha256", own)}\n` };
  await using desk = await openDesk({
    files: [ovf, disk, cert, { name: "x.mf", text: own }, right],
    type: "ovf",
    ...noSum,
  });
  const report = await get(desk);
  expect(report.manifests).toEqual([
    { name: "x.mf", matched: ["x.ovf", "disk.vmdk"], notDownloaded: [], unnamed: [], notes: [] },
    { name: "y.mf", matched: ["x.mf"], notDownloaded: [], unnamed: [], notes: [] },
  ]);
  const wrong = { name: "y.mf", text: `SHA256(x.mf)= ${bad}\n` };
  await using other = await openDesk({ files: [ovf, disk, { name: "x.mf", text: own }, wrong], type: "ovf", ...noSum });
  expect(notesOf(await get(other))).toMatchObject([{ reason: "contradicted", manifest: "y.mf", named: "x.mf" }]);
});

test("downloadItem reports files that a manifest names and the item does not have; .nvram may be missing", async () => {
  const text = `${ovfLine}SHA256(disk.vmdk)= ${good}\nSHA256(disk2.vmdk)= ${bad}\nSHA256(x.nvram)= ${bad}\n`;
  await using desk = await openDesk(item(text));
  const notes = [
    { reason: "missing", manifest: "x.mf", line: 3, named: "disk2.vmdk" },
    { reason: "missing-optional", manifest: "x.mf", line: 4, named: "x.nvram" },
  ];
  expect(notesOf(await get(desk))).toEqual(notes);
  await expect(get(desk, { requireVerified: true, existing: "overwrite" })).rejects.toMatchObject({
    problem: "incomplete",
    retryable: false,
    message: '"disk2.vmdk" is missing: the OVF manifest "x.mf" names it in line 3',
  });
  // Whoever asks for the descriptor alone does not miss it.
  await get(desk, { requireVerified: true, include: ["*.ovf"] });
  await using other = await openDesk(item(text.split("\n").toSpliced(2, 1).join("\n")));
  expect(notesOf(await get(other, { requireVerified: true }))).toMatchObject([{ reason: "missing-optional" }]);
});

test("downloadItem does not call a file missing that was not requested", async () => {
  await using desk = await openDesk(item(`${ovfLine}SHA256(disk.vmdk)= ${good}\n`));
  const report = await get(desk, { include: ["*.ovf"], requireVerified: true });
  expect(report.manifests).toMatchObject([{ matched: ["x.ovf"], notDownloaded: ["disk.vmdk"], notes: [] }]);
});

test.each([
  ["composed in the manifest", "d\u00EFsk.vmdk", "di\u0308sk.vmdk"],
  ["composed in the item", "di\u0308sk.vmdk", "d\u00EFsk.vmdk"],
])("downloadItem compares a file whose name is %s, and reports both spellings", async (_what, named, name) => {
  const files = (digest: string): DeskOptions["files"] => [
    { ...disk, name },
    { name: "x.mf", text: `SHA256(${named})= ${digest}` },
  ];
  await using desk = await openDesk({ files: files(bad), type: "ovf", ...noSum });
  await expect(get(desk)).rejects.toMatchObject({ problem: "digest" });
  await using other = await openDesk({ files: files(good), type: "ovf", ...noSum });
  const report = await get(other);
  expect(fileOf(report, name)).toMatchObject({ verifiedBy: "manifest" });
  expect(notesOf(report)).toEqual([{ reason: "other-spelling", manifest: "x.mf", line: 1, named, file: name }]);
});

test("downloadItem does not match a similar name to a file that another line names exactly", async () => {
  await using desk = await openDesk(item(`SHA256(Disk.vmdk)= ${bad}\nSHA256(disk.vmdk)= ${good}\n${ovfLine}`));
  const report = await get(desk);
  expect(fileOf(report)).toMatchObject({ verifiedBy: "manifest" });
  expect(notesOf(report)).toMatchObject([{ reason: "missing", named: "Disk.vmdk" }]);
});

test("downloadItem does not join the pieces of a file, and says so for each", async () => {
  const pieces = [0, 1].map((index) => ({ name: `disk.vmdk.00000000${index}`, bytes: disk.bytes }));
  const files = [ovf, ...pieces, { name: "x.mf", text: `${ovfLine}SHA256(disk.vmdk)= ${good}` }];
  await using desk = await openDesk({ files, type: "ovf", ...noSum });
  const report = await get(desk);
  expect(notesOf(report)).toMatchObject([{ reason: "in-pieces", named: "disk.vmdk" }]);
  for (const { name } of pieces)
    expect(fileOf(report, name)).toMatchObject({ verifiedBy: "length", doubts: [{ reason: "in-pieces" }] });
});

test("downloadItem lists files that no manifest names", async () => {
  await using desk = await openDesk(item(ovfLine));
  const report = await get(desk, { requireVerified: true });
  expect(report.manifests).toMatchObject([{ matched: ["x.ovf"], unnamed: ["disk.vmdk"], notes: [] }]);
  expect(fileOf(report)).toMatchObject({ verifiedBy: "length" });
});

test("downloadItem limits the notes on a manifest, and says how many it left out", async () => {
  await using desk = await openDesk(item("nonsense\n".repeat(250)));
  const notes = notesOf(await get(desk));
  expect(notes).toHaveLength(100);
  expect(notes[98]).not.toHaveProperty("more");
  expect(notes[99]).toMatchObject({ reason: "unreadable-line", line: 100, more: 150 });
});

const stale = `${ovfLine}SHA256(disk.vmdk)= ${bad}\n`;

test("downloadItem fails with the problem manifest if the server's checksum agrees and the manifest does not", async () => {
  await using desk = await openDesk(item(stale, {}));
  const failure = await get(desk).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(IntegrityError);
  expect(failure).toMatchObject({
    problem: "manifest",
    retryable: false,
    message: expect.stringMatching(
      /"disk.vmdk" does not match .* the server has exactly these bytes, and the manifest is wrong$/,
    ) as string,
  });
  expect(await desk.names()).not.toContain(disk.name);

  const task = downloadItem(desk.client, desk.item.id, desk.folder.path, {
    manifest: "report",
    factsTimeoutMs: 0,
  });
  const events = await eventsOf(task);
  const report = await task.report;
  expect(fileOf(report)).toMatchObject({ verifiedBy: "checksum" });
  const note = { reason: "contradicted", manifest: "x.mf", line: 2, named: "disk.vmdk", file: "disk.vmdk" };
  expect(notesOf(report)).toEqual([note]);
  expect(report.manifests).toMatchObject([{ matched: ["x.ovf"] }]);
  expect(events.filter(({ type }) => type === "manifest")).toMatchObject([{ name: "x.mf", notes: [note] }]);
  expect(await readFile(desk.folder.join(disk.name))).toEqual(Buffer.from(disk.bytes));

  // Without a checksum beforehand the file is fetched again, to find out which of the two is wrong.
  await expect(get(desk)).rejects.toMatchObject({ problem: "exists" });
  expect(fileOf(await get(desk, { manifest: "report" }))).toMatchObject({ skipped: false, verifiedBy: "checksum" });
});

test("downloadItem compares an existing file with both the checksum and the manifest", async () => {
  await using desk = await openDesk(item(stale, { report: { checksum: "always" } }));
  await writeFile(desk.folder.join(disk.name), disk.bytes);
  await expect(get(desk)).rejects.toMatchObject({ problem: "manifest" });
  const report = await get(desk, { manifest: "report" });
  expect(fileOf(report)).toMatchObject({ skipped: true, verifiedBy: "checksum" });
  expect(notesOf(report)).toMatchObject([{ reason: "contradicted", named: disk.name }]);
});

test("downloadItem with manifest report does not call a file proved that a manifest contradicts and nothing else proves", async () => {
  await using desk = await openDesk(item(stale));
  await expect(get(desk)).rejects.toMatchObject({ problem: "digest" });
  expect(fileOf(await get(desk, { manifest: "report" }))).toMatchObject({
    verifiedBy: "length",
    doubts: [{ reason: "contradicted" }],
  });
  await expect(get(desk, { manifest: "report", requireVerified: true, existing: "overwrite" })).rejects.toMatchObject({
    problem: "unverifiable",
  });
});

test("downloadItem does not replace a different existing file because of a manifest", async () => {
  await using desk = await openDesk(
    item(`${ovfLine}SHA256(disk.vmdk)= ${good}\nSHA1(disk.vmdk)= ${hexDigest("sha1", disk.bytes)}\n`),
  );
  await writeFile(desk.folder.join(disk.name), Buffer.alloc(300_000));
  await expect(get(desk)).rejects.toMatchObject({ problem: "exists" });
  await writeFile(desk.folder.join(disk.name), disk.bytes);
  expect(fileOf(await get(desk))).toMatchObject({ skipped: true, verifiedBy: "manifest" });
});
