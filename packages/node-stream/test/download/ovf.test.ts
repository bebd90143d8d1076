import { readFile } from "node:fs/promises";
import { IntegrityError } from "@carrel/core";
import { hexDigest, writeTar } from "@carrel/test-kit";
import { expect, test } from "vitest";
import { downloadItem } from "../../src/index.ts";
import type { DownloadItemOptions, DownloadReport } from "../../src/index.ts";
import { openDesk } from "./desk.ts";
import type { Desk, DeskOptions } from "./desk.ts";

const ovf = { name: "photon.ovf", text: "<Envelope/>" };
const disk = { name: "photon-disk1.vmdk", bytes: new Uint8Array(700_000).fill(7) };
const nvram = { name: "photon.nvram", bytes: new Uint8Array(0) };
const cert = { name: "photon.cert", text: "-----BEGIN CERTIFICATE-----" };
const lines = [
  `SHA256(photon.ovf)= ${hexDigest("sha256", ovf.text)}`,
  `SHA1(photon-disk1.vmdk)= ${hexDigest("sha1", disk.bytes)}`,
  `SHA512(photon.nvram)= ${hexDigest("sha512", nvram.bytes)}`,
];

function packageWith(manifest: string): DeskOptions {
  // A server that tells as little as vcsim does.
  const report = { size: "never", checksum: "never" } as const;
  const files = [disk, ovf, nvram, cert, { name: "photon.mf", text: manifest }];
  return { files, type: "ovf", report, transfer: { contentLength: false } };
}

/** Asks once for what the server states after a file, for this one states nothing. */
async function get(desk: Desk, options: DownloadItemOptions = {}): Promise<DownloadReport> {
  return downloadItem(desk.client, desk.item.id, desk.folder.path, { factsTimeoutMs: 0, ...options }).report;
}

test("downloadItem verifies each file that the manifest names by it", async () => {
  await using desk = await openDesk(
    packageWith([...lines, "nonsense", `SHA1(gone.vmdk)= ${"0".repeat(40)}`].join("\n")),
  );
  const { files, manifests } = await get(desk);
  expect(Object.fromEntries(files.map(({ name, verifiedBy }) => [name, verifiedBy]))).toEqual({
    "photon-disk1.vmdk": "manifest",
    "photon.ovf": "manifest",
    "photon.nvram": "manifest",
    "photon.cert": "nothing",
    "photon.mf": "nothing",
  });
  expect(manifests).toEqual([
    {
      name: "photon.mf",
      matched: ["photon.ovf", "photon-disk1.vmdk", "photon.nvram"],
      notDownloaded: [],
      unnamed: [],
      notes: [
        { reason: "unreadable-line", manifest: "photon.mf", line: 4, value: "nonsense" },
        { reason: "missing", manifest: "photon.mf", line: 5, named: "gone.vmdk" },
      ],
    },
  ]);
});

test("downloadItem gives no final name to a file that the manifest contradicts", async () => {
  const wrong = `SHA1(photon-disk1.vmdk)= ${"0".repeat(40)}`;
  await using desk = await openDesk({ ...packageWith(wrong), report: {} });
  const failed = get(desk, { factsTimeoutMs: 5_000 });
  await expect(failed).rejects.toThrow(IntegrityError);
  await expect(failed).rejects.toThrow('"photon-disk1.vmdk" does not match the OVF manifest "photon.mf" (line 1)');
  expect(await desk.names()).not.toContain(disk.name);
});

test("downloadItem verifies by the server's checksum first, and compares the manifest as well", async () => {
  await using desk = await openDesk({ ...packageWith(lines.join("\n")), report: {} });
  const { files, manifests } = await get(desk, { factsTimeoutMs: 5_000 });
  expect(files.map(({ verifiedBy }) => verifiedBy)).toEqual(Array(5).fill("checksum"));
  expect(manifests[0]?.matched).toHaveLength(3);
});

test.each([
  ["not requested", { include: ["*.vmdk"] }],
  ["excluded", { exclude: ["*.mf", "*.cert", "*.ovf", "*.nvram"] }],
])("downloadItem reads a manifest that was %s, and does not keep it", async (_what, options) => {
  await using desk = await openDesk(packageWith(lines.join("\n")));
  const { files } = await get(desk, options);
  expect(files.map(({ name, verifiedBy }) => [name, verifiedBy])).toEqual([["photon-disk1.vmdk", "manifest"]]);
  expect(await desk.names()).toEqual([disk.name]);
  expect(await readFile(desk.folder.join(disk.name))).toEqual(Buffer.from(disk.bytes));
});

test.each([
  ["requested", {}],
  ["not requested", { include: ["*.vmdk"] }],
])("downloadItem notes a manifest that is too large and was %s, which proves nothing", async (_what, options) => {
  await using desk = await openDesk({ ...packageWith("x".repeat(5_000_000)) });
  const { files, manifests } = await get(desk, options);
  const notes = [{ reason: "too-large", manifest: "photon.mf" }];
  expect(manifests).toMatchObject([{ matched: [], notes }]);
  expect(files.find(({ name }) => name === disk.name)).toMatchObject({ verifiedBy: "nothing", doubts: notes });
});

test("downloadItem fails if a manifest cannot be fetched, and downloads the files that it names", async () => {
  await using desk = await openDesk(packageWith(lines.join("\n")));
  desk.simulator.faults.add({ on: "transfer", kind: "status", status: 404, file: "photon.mf", times: "always" });
  const failed = get(desk, { include: ["*.vmdk"] });
  await expect(failed).rejects.toThrow(/photon.mf/);
  expect((await desk.names()).filter((name) => !name.includes(".part"))).toEqual(["photon-disk1.vmdk"]);
});

const members = [
  { name: ovf.name, content: ovf.text },
  { name: disk.name, content: disk.bytes },
];

function archiveWith(manifest: string): DeskOptions {
  const archive = writeTar([
    ...members,
    { name: "photon.mf", content: manifest },
    { name: "photon.cert", content: cert.text },
  ]);
  return { ...packageWith(""), files: [{ name: "photon.ova", bytes: archive }], type: "ova" };
}

test("downloadItem verifies an OVA archive by the manifest inside it", async () => {
  await using desk = await openDesk(archiveWith(lines.slice(0, 2).join("\n")));
  const { files } = await get(desk);
  expect(files[0]).toMatchObject({
    verifiedBy: "manifest",
    archive: {
      manifests: [{ name: "photon.mf", matched: [ovf.name, disk.name], notDownloaded: [], unnamed: [], notes: [] }],
      notes: [],
    },
  });
});

test("downloadItem does not call an archive proved if its manifest does not name all members", async () => {
  await using desk = await openDesk(archiveWith(lines[0] ?? ""));
  const { files } = await get(desk);
  expect(files[0]).toMatchObject({
    verifiedBy: "nothing",
    archive: { manifests: [{ matched: [ovf.name], unnamed: [disk.name] }] },
  });
});

test("downloadItem rejects an archive with an IntegrityError if a member has another digest", async () => {
  await using desk = await openDesk(archiveWith(`SHA1(${disk.name})= ${"0".repeat(40)}`));
  await expect(get(desk)).rejects.toThrow(
    '"photon-disk1.vmdk" in "photon.ova" does not match the OVF manifest "photon.mf" (line 1)',
  );
  expect(await desk.names()).toEqual([]);
});

test("downloadItem finds a truncated archive without any length", async () => {
  await using desk = await openDesk(archiveWith(lines.slice(0, 2).join("\n")));
  desk.simulator.faults.add({ on: "transfer", kind: "shortClose", atByte: 100_000, times: "always" });
  await expect(get(desk)).rejects.toThrow(/"photon.ova" is not whole: it ends in the middle of a member/);
});

test("downloadItem fetches an archive that was truncated once again, and it is whole", async () => {
  await using desk = await openDesk(archiveWith(lines.slice(0, 2).join("\n")));
  desk.simulator.faults.add({ on: "transfer", kind: "shortClose", atByte: 100_000 });
  const { files } = await get(desk);
  expect(files[0]?.archive?.manifests).toHaveLength(1);
});
