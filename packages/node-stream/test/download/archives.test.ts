import { execFileSync } from "node:child_process";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PackageNote } from "@carrel/core";
import { expect, test } from "vitest";
import { downloadItem } from "../../src/index.ts";
import type { DownloadItemOptions, FileReport } from "../../src/index.ts";
import { hexDigest, isSoak, paxRecord, tarHeader, tempDirectory, writeTar } from "@carrel/test-kit";
import type { TarEntry } from "@carrel/test-kit";
import { openDesk } from "./desk.ts";

const ovf = { name: "x.ovf", content: "<Envelope/>" };
const disk = { name: "disk.vmdk", content: new Uint8Array(20_000).fill(7) };
const bad = "0".repeat(64);
const sum = ({ name, content }: TarEntry): string => `SHA256(${name})= ${hexDigest("sha256", content)}\n`;
const manifest = sum(ovf) + sum(disk);
const mf = (content: string, name = "x.mf"): TarEntry => ({ name, content });

/** Downloads an archive from a server that states its checksum, or no more than its length. */
async function get(
  archive: Uint8Array,
  checksum: "stated" | "never",
  options: DownloadItemOptions = {},
): Promise<FileReport> {
  const report = checksum === "never" ? ({ checksum } as const) : {};
  await using desk = await openDesk({ files: [{ name: "x.ova", bytes: archive }], type: "ova", report });
  const { files } = await downloadItem(desk.client, desk.item.id, desk.folder.path, {
    // Many archives: without this each would wait a second for a checksum that is never stated.
    factsTimeoutMs: 0,
    ...options,
  }).report;
  const [file] = files;
  if (file === undefined) throw new Error("There is no file");
  expect(await readFile(file.path)).toEqual(Buffer.from(archive));
  return file;
}

function notesOf({ archive }: FileReport): readonly PackageNote[] {
  return [...(archive?.notes ?? []), ...(archive?.manifests.flatMap(({ notes }) => notes) ?? [])];
}

const padded = (archive: Uint8Array): Buffer => Buffer.concat([archive, Buffer.alloc(9_000)]);
const sums = ["stated", "never"] as const;

test.each(sums)("downloadItem verifies an OVA archive by the manifests inside it (checksum %s)", async (checksum) => {
  const verifiedBy = checksum === "never" ? "manifest" : "checksum";
  for (const [what, entries] of [
    ["in the usual order", [ovf, mf(manifest), disk]],
    [
      "that names itself and its certificate",
      [ovf, mf(`SHA256(x.mf)= ${bad}\nSHA256(x.cert)= ${bad}\n${manifest}`), { name: "x.cert", content: "" }, disk],
    ],
    ["with ./ in the archive", [{ ...ovf, name: "./x.ovf" }, mf(manifest, "./x.mf"), { ...disk, name: "./disk.vmdk" }]],
    ["with ./ in the manifest", [ovf, mf(manifest.replaceAll("(", "(./")), disk]],
    [
      "in a folder",
      [
        { name: "vm/", content: "", type: "5" },
        { ...ovf, name: "vm/x.ovf" },
        mf(manifest, "vm/x.mf"),
        { ...disk, name: "vm/disk.vmdk" },
      ],
    ],
    [
      "in a folder that its manifest repeats",
      [
        { ...ovf, name: "vm/x.ovf" },
        mf(manifest.replaceAll("(", "(vm/"), "vm/x.mf"),
        { ...disk, name: "vm/disk.vmdk" },
      ],
    ],
    [
      "with a shadow of macOS",
      [{ name: "._x.ovf", content: "1" }, ovf, { name: "._x.mf", content: "\0" }, mf(manifest), disk],
    ],
    ["with two manifests", [ovf, mf(sum(ovf)), mf(sum(disk), "y.mf"), disk]],
    [
      "with a hard link",
      [
        ovf,
        disk,
        { name: "b.vmdk", content: "", type: "1", linkName: "disk.vmdk" },
        mf(manifest + sum({ ...disk, name: "b.vmdk" })),
      ],
    ],
    [
      "in pieces",
      [
        ovf,
        { name: "disk.vmdk.000000000", content: disk.content.subarray(0, 9_000) },
        { name: "disk.vmdk.000000001", content: disk.content.subarray(9_000) },
        mf(manifest),
      ],
    ],
    ["whose .nvram is missing", [ovf, disk, mf(`${manifest}SHA256(x.nvram)= ${bad}\n`)]],
    [
      "with names in another form",
      [ovf, { ...disk, name: "di\u0308sk.vmdk" }, mf(sum(ovf) + sum({ ...disk, name: "d\u00EFsk.vmdk" }))],
    ],
  ] as readonly (readonly [string, readonly TarEntry[]])[]) {
    const whole = writeTar(entries);
    // How an archive ends has nothing to do with what is in it.
    const otherEnds = what === "in the usual order" || isSoak ? [whole.subarray(0, -1_024), padded(whole)] : [];
    for (const archive of [whole, ...otherEnds]) {
      expect([what, await get(archive, checksum, { requireVerified: true })]).toMatchObject([what, { verifiedBy }]);
    }
    // One flipped bit of the disk.
    const at = whole.lastIndexOf(disk.content.subarray(0, 5_000));
    whole.writeUInt8((whole[at + 100] ?? 0) ^ 1, at + 100);
    const problem = checksum === "never" ? "archive" : "manifest";
    expect([what, await get(whole, checksum).catch((error: unknown) => error)]).toMatchObject([what, { problem }]);
  }
});

test("downloadItem with manifest report lists all members of an archive that its manifest contradicts", async () => {
  const archive = writeTar([ovf, mf(`SHA256(x.ovf)= ${bad}\n${sum(disk)}`), disk]);
  await expect(get(archive, "stated")).rejects.toMatchObject({
    problem: "manifest",
    message:
      '"x.ovf" in "x.ova" does not match the OVF manifest "x.mf" (line 1), but the archive matches the server\'s checksum: ' +
      "the server has exactly these bytes, and the manifest is wrong",
  });
  const file = await get(archive, "stated", { manifest: "report", requireVerified: true });
  expect(file).toMatchObject({ verifiedBy: "checksum", archive: { manifests: [{ matched: ["disk.vmdk"] }] } });
  expect(notesOf(file)).toMatchObject([{ reason: "contradicted", line: 1, named: "x.ovf" }]);
  const weak = await get(archive, "never", { manifest: "report" });
  expect(weak).toMatchObject({ verifiedBy: "length", doubts: [{ reason: "contradicted" }] });
  await expect(get(archive, "never", { manifest: "report", requireVerified: true })).rejects.toMatchObject({
    problem: "unverifiable",
  });
});

const overlong = paxRecord("GNU.sparse.map", "0,1,2") + paxRecord("GNU.sparse.size", "20000");

test.each<readonly [what: string, entries: readonly TarEntry[], note: Partial<PackageNote>]>([
  [
    "names a disk that is missing",
    [ovf, disk, mf(`${manifest}${sum({ ...disk, name: "d2.vmdk" })}`)],
    { reason: "missing", named: "d2.vmdk" },
  ],
  [
    "has a line of an unknown algorithm",
    [ovf, disk, mf(`${sum(ovf)}SHA3-256(disk.vmdk)= ${bad}`)],
    { reason: "unknown-algorithm", named: "disk.vmdk" },
  ],
  [
    "is in UTF-16 without a mark",
    [ovf, disk, { name: "x.mf", content: Buffer.from(manifest, "utf16le") }],
    { reason: "encoding" },
  ],
  ["is too large", [ovf, disk, mf("\n".repeat(4_194_305))], { reason: "too-large" }],
  [
    "names a sparse file of an unknown kind",
    [ovf, { name: "x", content: overlong, type: "x" }, disk, mf(manifest)],
    { reason: "unreadable-file", file: "disk.vmdk" },
  ],
  [
    "names a link to nothing",
    [ovf, { name: "disk.vmdk", content: "", type: "2", linkName: "/dev/null" }, mf(manifest)],
    { reason: "missing" },
  ],
  [
    "names one of two files that are nearly alike",
    [ovf, { ...disk, name: "DISK.vmdk" }, { ...disk, name: "Disk.vmdk" }, mf(manifest)],
    { reason: "ambiguous-name", named: "disk.vmdk" },
  ],
])("downloadItem reports that an archive is not proved if its manifest %s", async (_what, entries, note) => {
  const archive = writeTar(entries);
  const weak = await get(archive, "never");
  expect(weak.verifiedBy).toBe("length");
  expect(notesOf(weak)).toContainEqual(expect.objectContaining(note));
  expect(weak.doubts).toContainEqual(expect.objectContaining(note));
  await expect(get(archive, "never", { requireVerified: true })).rejects.toMatchObject({ problem: "unverifiable" });
  const strong = await get(archive, "stated", { requireVerified: true });
  expect(strong).toMatchObject({ verifiedBy: "checksum" });
  expect(strong).not.toHaveProperty("doubts");
  expect(notesOf(strong)).toContainEqual(expect.objectContaining(note));
});

const whole = writeTar([ovf, mf(manifest), disk]);
/** Where the header of the disk begins. */
const diskAt = whole.indexOf("disk.vmdk", whole.indexOf("SHA256(disk") + 20);

test.each<readonly [what: string, archive: Uint8Array, message: string, reason: string]>([
  ["is truncated in a member", whole.subarray(0, -5_000), "it ends in the middle of a member", "truncated"],
  ["is truncated in a header", whole.subarray(0, diskAt + 100), "it ends in the middle of a member", "truncated"],
  [
    "has a damaged header",
    Buffer.concat([whole.subarray(0, diskAt + 5), Buffer.from("X"), whole.subarray(diskAt + 6)]),
    "it is damaged where a member should begin",
    "damaged",
  ],
  ...[Buffer.from("X"), Buffer.alloc(512)].map((start): [string, Uint8Array, string, string] => [
    `begins with ${start.length} wrong bytes`,
    Buffer.concat([start, whole.subarray(start.length)]),
    "it is damaged where a member should begin",
    "damaged",
  ]),
  [
    "has zeros in place of a header",
    Buffer.concat([whole.subarray(0, diskAt), Buffer.alloc(512), whole.subarray(diskAt + 512)]),
    'it lacks "disk.vmdk", which its manifest names, and data follows its end',
    "data-after-end",
  ],
])(
  "downloadItem rejects an archive that %s, unless the server has it like that",
  async (_what, archive, message, reason) => {
    await expect(get(archive, "never")).rejects.toMatchObject({
      problem: "archive",
      message: `Archive "x.ova" is not whole: ${message}`,
    });
    const file = await get(archive, "stated", { requireVerified: true });
    expect(file).toMatchObject({ verifiedBy: "checksum" });
    expect(notesOf(file)).toContainEqual({ reason, file: "x.ova" });
  },
);

test("downloadItem verifies an archive that ends between two members by its length, and refuses it if none is stated", async () => {
  const archive = whole.subarray(0, diskAt);
  expect(await get(archive, "never")).toMatchObject({
    verifiedBy: "length",
    doubts: [{ reason: "missing", named: "disk.vmdk" }],
  });
  await using desk = await openDesk({
    files: [{ name: "x.ova", bytes: archive }],
    type: "ova",
    report: { checksum: "never", size: "never" },
    transfer: { contentLength: false },
  });
  const { report } = downloadItem(desk.client, desk.item.id, desk.folder.path, { factsTimeoutMs: 0 });
  await expect(report).rejects.toMatchObject({ problem: "archive" });
});

test.each(sums)(
  "downloadItem notes data after the end of an archive, which proves nothing (checksum %s)",
  async (checksum) => {
    for (const tail of [Buffer.from("garbage"), writeTar([{ name: "z", content: "1" }])]) {
      const file = await get(Buffer.concat([whole, tail]), checksum);
      expect(file.verifiedBy).toBe(checksum === "never" ? "length" : "checksum");
      expect(notesOf(file)).toEqual([{ reason: "data-after-end", file: "x.ova" }]);
    }
  },
);

test("downloadItem uses the last of several members with one name, as tar does", async () => {
  const old = { ...disk, content: "old" };
  const file = await get(writeTar([ovf, old, disk, mf(manifest)]), "never");
  expect(file).toMatchObject({ verifiedBy: "length", archive: { manifests: [{ matched: ["x.ovf", "disk.vmdk"] }] } });
  expect(notesOf(file)).toEqual([{ reason: "repeated-member", file: "disk.vmdk" }]);
  await expect(get(writeTar([ovf, disk, old, mf(manifest)]), "never")).rejects.toMatchObject({ problem: "archive" });
});

test("downloadItem does not hash the holes of a huge sparse member", async () => {
  const size = String(8_000_000_000_000);
  const sparse = [
    { name: "x", content: paxRecord("GNU.sparse.map", "0,20000") + paxRecord("GNU.sparse.size", size), type: "x" },
    disk,
  ];
  const file = await get(writeTar([ovf, ...sparse, mf(manifest)]), "never");
  expect(file).toMatchObject({ verifiedBy: "length", doubts: [{ reason: "unreadable-file", named: "disk.vmdk" }] });
});

test("downloadItem does not hash pieces again for each of many files that share them", async () => {
  const link = (name: string): TarEntry => ({ name, content: "", type: "1", linkName: "disk.vmdk" });
  const files = Array.from({ length: 6 }, (_, index) => `f${index}`);
  const content = (index: number): string =>
    Buffer.from(disk.content)
      .toString("latin1")
      .repeat(index + 1);
  const links = files.flatMap((name, index) =>
    Array.from({ length: index + 1 }, (_, piece) => link(`${name}.00000000${piece}`)),
  );
  const lines = files.map((name, index) => sum({ name, content: content(index) })).join("");
  const file = await get(writeTar([disk, ...links, mf(sum(disk) + lines)]), "never");
  expect(file).toMatchObject({ verifiedBy: "length" });
  expect(file.doubts?.every(({ reason }) => reason === "unreadable-file")).toBe(true);
  expect(file.archive?.manifests[0]?.matched).toContain("f2.000000002");
});

test("downloadItem verifies a file that is not an archive, or has no manifest, by its length", async () => {
  const page = await get(Buffer.from("<html>"), "never", { requireVerified: true });
  expect(page).toMatchObject({
    verifiedBy: "length",
    archive: { manifests: [], notes: [{ reason: "not-an-archive", file: "x.ova" }] },
  });
  const bare = await get(writeTar([ovf, disk]), "never", { requireVerified: true });
  expect(bare).toMatchObject({ verifiedBy: "length", archive: { manifests: [], notes: [] } });
  expect(bare).not.toHaveProperty("doubts");
  const header = await get(tarHeader({ name: "a", sizeBytes: 0 }), "never");
  expect(header.archive).toEqual({ manifests: [], notes: [] });
});

test("downloadItem reads a member once for each algorithm, however many lines name it", async () => {
  const lines = `SHA256(disk.vmdk)= ${hexDigest("sha256", disk.content)}\nSHA1(disk.vmdk)= ${hexDigest("sha1", disk.content)}\n`;
  const file = await get(writeTar([ovf, mf(sum(ovf) + lines.repeat(15_000)), disk]), "never", {
    requireVerified: true,
  });
  expect(file).toMatchObject({ verifiedBy: "manifest" });
});

/** Writes what is not zeros. */
async function writeSparse(path: string, content: Buffer): Promise<void> {
  await using file = await open(path, "w");
  for (let at = 0; at < content.length; at += 220_000) await file.write(content, at, 20_000, at);
  await file.truncate(content.length);
}

test.runIf(process.platform === "linux")(
  "downloadItem verifies sparse archives of GNU tar, with and without a checksum",
  async () => {
    for (const flags of [
      "gnu -S",
      "pax -S --sparse-version=0.0",
      "pax -S --sparse-version=0.1",
      "pax -S --sparse-version=1.0",
    ]) {
      await using folder = await tempDirectory();
      const pieces = Array.from({ length: 8 }, () => [disk.content, Buffer.alloc(200_000)]).flat();
      const content = Buffer.concat(pieces);
      const root = folder.join("vm");
      await mkdir(dirname(join(root, "x")), { recursive: true });
      await writeFile(join(root, "x.ovf"), ovf.content);
      await writeSparse(join(root, "disk.vmdk"), content);
      await writeFile(join(root, "x.mf"), sum(ovf) + sum({ name: "disk.vmdk", content }));
      const [format = "", ...more] = flags.split(" ");
      execFileSync("tar", ["-C", root, `--format=${format}`, ...more, "-cf", folder.join("x.ova"), "."]);
      const archive = await readFile(folder.join("x.ova"));
      for (const checksum of sums) {
        const verifiedBy = checksum === "never" ? "manifest" : "checksum";
        expect([flags, await get(archive, checksum, { requireVerified: true })]).toMatchObject([flags, { verifiedBy }]);
      }
      archive.writeUInt8(8, archive.lastIndexOf(Buffer.alloc(100, 7)) + 50);
      await expect(get(archive, "never")).rejects.toMatchObject({ problem: "archive" });
    }
  },
);

test("downloadItem compares an existing archive with the manifests inside it", async () => {
  const good = writeTar([ovf, mf(manifest), disk]);
  const damaged = writeTar([ovf, mf(manifest), { ...disk, content: new Uint8Array(20_000).fill(8) }]);
  const stale = writeTar([ovf, mf(sum(ovf) + `SHA256(${disk.name})= ${bad}\n`), disk]);
  const unread = writeTar([ovf, mf(sum(ovf) + `SHA3-256(${disk.name})= ${bad}\n`), disk]);
  const again = async (
    there: Uint8Array,
    checksum: "always" | "never",
    options: DownloadItemOptions = {},
  ): Promise<FileReport | undefined> => {
    await using desk = await openDesk({
      // Those that are damaged are so in the folder alone.
      files: [{ name: "x.ova", bytes: there === damaged ? good : there }],
      type: "ova",
      report: { checksum },
    });
    await writeFile(desk.folder.join("x.ova"), there, { mode: 0o600 });
    // What an earlier run leaves that had this file, and was killed before it had the others.
    const record = {
      format: 1,
      origin: desk.simulator.url.origin,
      itemId: desk.item.id,
      file: "x.ova",
      contentVersion: desk.item.contentVersion,
      bytes: there.length,
      digest: { algorithm: "sha256", hex: hexDigest("sha256", there) },
      verifiedBy: "length",
    };
    await writeFile(desk.folder.join("x.ova.part.json"), JSON.stringify(record), { mode: 0o600 });
    const { files } = await downloadItem(desk.client, desk.item.id, desk.folder.path, { factsTimeoutMs: 0, ...options })
      .report;
    return files[0];
  };
  const proved = { skipped: true, archive: { manifests: [{ matched: [ovf.name, disk.name] }] } };
  expect(await again(good, "always")).toMatchObject({ ...proved, verifiedBy: "checksum" });
  expect(await again(good, "never", { requireVerified: true })).toMatchObject({ ...proved, verifiedBy: "manifest" });
  await expect(again(damaged, "never")).rejects.toMatchObject({ problem: "exists" });
  await expect(again(stale, "always")).rejects.toMatchObject({ problem: "manifest" });
  const contradicted = { notes: [{ reason: "contradicted", named: disk.name }] };
  expect(await again(stale, "always", { manifest: "report" })).toMatchObject({
    skipped: true,
    verifiedBy: "checksum",
    archive: { manifests: [contradicted] },
  });
  for (const each of [stale, unread]) {
    expect(await again(each, "never", { manifest: "report" })).toMatchObject({ verifiedBy: "length", doubts: [{}] });
    const strict = again(each, "never", { manifest: "report", requireVerified: true });
    await expect(strict).rejects.toMatchObject({ problem: "unverifiable" });
  }
});
