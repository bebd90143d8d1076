import { readFile, writeFile } from "node:fs/promises";
import { finished } from "node:stream/promises";
import { createClient, passwordAuth } from "@carrel/core";
import type { CarrelClient } from "@carrel/core";
import { hexDigest } from "@carrel/test-kit";
import { expect, test, vi } from "vitest";
import { downloadItem, openItemFile } from "../../src/index.ts";
import type { DownloadItemOptions, FileReport } from "../../src/index.ts";
import { openDesk } from "./desk.ts";
import type { Desk, DeskOptions } from "./desk.ts";

// A record states what some run found at some time. What a run reports, it has compared itself.
vi.setConfig({ testTimeout: 30_000, maxConcurrency: 8 });

const sizeBytes = 200_000;
const files = [{ name: "a.iso", sizeBytes }];
const otherBytes = Buffer.alloc(sizeBytes, "other");

interface Plant {
  readonly bytes: Uint8Array;
  readonly as: "a.iso" | "a.iso.part";
  /** The digest in the record. */
  readonly algorithm?: "sha256" | "md5";
  /** Members of the record that are others. */
  readonly record?: object;
}

/** Puts a file or a part there, with a record that says that it is whole, and was compared with the server's checksum. */
async function plant(
  { folder, item, simulator }: Desk,
  { bytes, as, algorithm = "sha256", record }: Plant,
): Promise<void> {
  await writeFile(folder.join(as), bytes, { mode: 0o600 });
  const said = {
    format: 1,
    origin: simulator.url.origin,
    itemId: item.id,
    file: "a.iso",
    contentVersion: item.contentVersion,
    bytes: bytes.length,
    digest: { algorithm, hex: hexDigest(algorithm, bytes) },
    verifiedBy: "checksum",
    ...record,
  };
  await writeFile(folder.join("a.iso.part.json"), JSON.stringify(said), { mode: 0o600 });
}

async function download(desk: Desk, options: DownloadItemOptions = {}): Promise<FileReport> {
  const { files: reports } = await downloadItem(desk.client, desk.item.id, desk.folder.path, {
    requireVerified: true,
    factsTimeoutMs: 0,
    ...options,
  }).report;
  const bytes = await readFile(desk.folder.join("a.iso"));
  const [report] = reports;
  if (report === undefined) throw new Error("There is no report.");
  expect(hexDigest(report.digest.algorithm, bytes)).toBe(report.digest.hex);
  return report;
}

const isRight = async (desk: Desk): Promise<boolean> =>
  (await readFile(desk.folder.join("a.iso"))).equals(await desk.item.file("a.iso").bytes());

/** When a server states a checksum. */
const reports: readonly (readonly [string, NonNullable<DeskOptions["report"]>])[] = [
  ["in the session's list", { checksum: "always" }],
  ["in the library's list", { checksum: "never", itemChecksum: true }],
  ["once a file is prepared", { checksum: "prepared" }],
  ["after a download", { checksum: "downloaded" }],
  ["in another algorithm than the record's", { checksum: "always", checksumAlgorithm: "SHA1" }],
  ["never", { checksum: "never" }],
];

test.concurrent.each(reports.slice(0, 2))(
  "downloadItem refuses to replace other bytes with a record of them, if the checksum is stated %s",
  async (_when, report) => {
    for (const algorithm of ["sha256", "md5"] as const) {
      await using desk = await openDesk({ files, report });
      await plant(desk, { bytes: otherBytes, as: "a.iso", algorithm });
      await expect(download(desk)).rejects.toMatchObject({ code: "TRANSFER", problem: "exists" });
      expect(await readFile(desk.folder.join("a.iso"))).toEqual(otherBytes);
    }
  },
);

test.concurrent.each(reports)(
  "downloadItem refuses to replace bytes of another length, if the checksum is stated %s",
  async (_when, report) => {
    await using desk = await openDesk({ files, report });
    await plant(desk, { bytes: otherBytes.subarray(1), as: "a.iso" });
    await expect(download(desk)).rejects.toMatchObject({ problem: "exists" });
  },
);

test.concurrent.each(reports)(
  "downloadItem never calls a part of other bytes with a record of them verified by checksum, if it is stated %s",
  async (when, report) => {
    for (const bytes of [otherBytes, otherBytes.subarray(0, 1), otherBytes.subarray(0, 100_000)]) {
      for (const algorithm of ["sha256", "md5"] as const) {
        await using desk = await openDesk({ files, report });
        await plant(desk, { bytes, as: "a.iso.part", algorithm });
        const { verifiedBy, sizeBytes: size } = await download(desk);
        expect(size).toBe(sizeBytes);
        // Compared with what the server states, it is right. Otherwise the report does not claim so.
        if (verifiedBy === "checksum") expect(await isRight(desk)).toBe(true);
        else expect(verifiedBy).toBe("length");
        if (["in the session's list", "in the library's list", "once a file is prepared"].includes(when)) {
          expect(verifiedBy).toBe("checksum");
        }
      }
    }
  },
);

test.concurrent("downloadItem fetches a part again, once and in the same run, if the checksum disproves it", async () => {
  await using desk = await openDesk({ files });
  await plant(desk, { bytes: otherBytes.subarray(0, 100_000), as: "a.iso.part", record: { verifiedBy: undefined } });
  const { verifiedBy, receivedBytes } = await download(desk);
  // The second half first, and then, from byte 0, all of it.
  expect({ verifiedBy, receivedBytes }).toEqual({ verifiedBy: "checksum", receivedBytes: 100_000 + sizeBytes });
  expect(await desk.names()).toEqual(["a.iso"]);
  await using worse = await openDesk({
    files,
    faults: [{ on: "transfer", kind: "corrupt", atByte: 150_000, times: "always" }],
  });
  await plant(worse, { bytes: otherBytes.subarray(0, 100_000), as: "a.iso.part" });
  await expect(download(worse)).rejects.toMatchObject({ problem: "digest" });
  expect(await worse.names()).toEqual([]);
});

test.concurrent.each(["always", "downloaded", "never"] as const)(
  "downloadItem fetches a part again in the same run if it is longer than the file and the checksum is stated %s",
  async (checksum) => {
    await using desk = await openDesk({ files, report: { checksum } });
    const bytes = Buffer.concat([await desk.item.file("a.iso").bytes(), Buffer.from("more")]);
    await plant(desk, { bytes, as: "a.iso.part", record: { verifiedBy: undefined } });
    expect(await download(desk)).toMatchObject({ receivedBytes: sizeBytes, skipped: false });
    expect(await isRight(desk)).toBe(true);
    expect(await desk.names()).toEqual(["a.iso"]);
  },
);

test.concurrent("downloadItem reports a file that an earlier run finished as verified by what is compared now", async () => {
  for (const [report, verifiedBy] of [
    [{ checksum: "always" }, "checksum"],
    [{ checksum: "never", itemChecksum: true }, "checksum"],
    [{ checksum: "downloaded" }, "length"],
    [{ checksum: "never" }, "length"],
  ] as const) {
    await using desk = await openDesk({ files, report });
    await plant(desk, { bytes: await desk.item.file("a.iso").bytes(), as: "a.iso" });
    expect(await download(desk)).toMatchObject({ verifiedBy, skipped: true, receivedBytes: 0 });
  }
});

test.concurrent("downloadItem fetches a finished file again and compares it if not even the length is stated", async () => {
  await using desk = await openDesk({ files, report: { size: "downloaded", checksum: "downloaded" } });
  await plant(desk, { bytes: await desk.item.file("a.iso").bytes(), as: "a.iso" });
  expect(await download(desk)).toMatchObject({ verifiedBy: "checksum", skipped: false, receivedBytes: sizeBytes });
});

test.concurrent.each([
  ["another content version", { contentVersion: "99" }],
  ["another item", { itemId: "other" }],
  ["another server", { origin: "https://other.example" }],
  ["fewer bytes", { bytes: 1 }],
  ["no verdict", { verifiedBy: undefined }],
  ["an invalid verdict", { verifiedBy: 1 }],
] as const)("downloadItem does not skip a file because of a record of %s", async (_what, record) => {
  await using desk = await openDesk({ files, report: { checksum: "never" } });
  await plant(desk, { bytes: await desk.item.file("a.iso").bytes(), as: "a.iso", record });
  expect(await download(desk)).toMatchObject({ verifiedBy: "length", skipped: false });
});

/** A client of a server whose library and sessions have checksums of different algorithms. */
function clientOf(desk: Desk, inLibrary: object): CarrelClient {
  return createClient({
    endpoint: desk.simulator.url,
    auth: passwordAuth(desk.simulator.credentials),
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      if (!/\/library\/item\/[^/]+\/file$/.test(new URL(url instanceof Request ? url.url : url).pathname))
        return response;
      const list = (await response.json()) as readonly object[];
      return Response.json(list.map((file) => ({ ...file, checksum_info: inLibrary })));
    },
  });
}

test.concurrent.each(["always", "downloaded"] as const)(
  "downloadItem and openItemFile compare both checksums if the session, %s, has another algorithm than the library",
  async (checksum) => {
    await using desk = await openDesk({ files, report: { checksum, checksumAlgorithm: "SHA1" } });
    const right = { algorithm: "SHA256", checksum: await desk.item.file("a.iso").sha256() };
    const read = async (client: CarrelClient): Promise<unknown> => {
      const stream = await openItemFile(client, desk.item.id, "a.iso");
      stream.resume();
      await finished(stream);
      return stream.facts?.verifiedBy;
    };
    {
      await using client = clientOf(desk, { ...right, checksum: "0".repeat(64) });
      await expect(read(client)).rejects.toMatchObject({ problem: "digest" });
      const { report } = downloadItem(client, desk.item.id, desk.folder.path);
      await expect(report).rejects.toMatchObject({ problem: "digest" });
      expect(await desk.names()).toEqual([]);
    }
    await using client = clientOf(desk, right);
    expect(await read(client)).toBe("checksum");
    const report = await downloadItem(client, desk.item.id, desk.folder.path).report;
    expect(report.files).toMatchObject([
      { verifiedBy: "checksum", digest: { algorithm: "sha256", hex: right.checksum } },
    ]);
  },
);
