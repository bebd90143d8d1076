import { Readable } from "node:stream";
import { IntegrityError } from "@carrel/core";
import type { ChecksumAlgorithm } from "@carrel/core";
import type { FileSeed, ReportRules } from "@carrel/simulator";
import { hexDigest, sha256, writeTar } from "@carrel/test-kit";
import { describe, expect, test } from "vitest";
import { openFile, openItemFile } from "../../src/index.ts";
import type { FileStreamOptions, TransferStream } from "../../src/index.ts";
import { openDesk } from "../download/desk.ts";
import type { Desk, DeskOptions } from "../download/desk.ts";
import { readAll } from "../support/read-all.ts";
import type { Seen } from "../support/read-all.ts";

const name = "disk.vmdk";
const bytes = new Uint8Array(300_000).fill(7);
const quick = { proxy: false, resumeDelayMs: 1, factsTimeoutMs: 300 } as const;
const hex = (algorithm: string): string => hexDigest(algorithm, bytes);
const zeros = "0".repeat(64);

interface Read extends Seen {
  readonly facts: TransferStream["facts"];
}

interface Setting {
  readonly report?: ReportRules;
  readonly manifest?: string | Uint8Array;
  readonly states?: FileSeed["states"];
  readonly rules?: Partial<DeskOptions>;
}

function openPackage({ report = {}, manifest, states, rules = {} }: Setting): Promise<Desk> {
  const files: FileSeed[] = [{ name, bytes, ...(states !== undefined && { states }) }];
  if (typeof manifest === "string") files.push({ name: "p.mf", text: manifest });
  else if (manifest !== undefined) files.push({ name: "p.mf", bytes: manifest });
  return openDesk({ files, type: "ovf", report, ...rules });
}

/** Reads the file by openFile and by openItemFile. */
async function readBoth(
  desk: Desk,
  options: FileStreamOptions = {},
  before = (): void => {},
): Promise<readonly Read[]> {
  const reads: Read[] = [];
  before();
  const owned = await openItemFile(desk.client, desk.item.id, name, { ...quick, ...options });
  reads.push({ ...(await readAll(owned)), facts: owned.facts });
  await using lease = await desk.client.lease(desk.item.id);
  before();
  const leased = await openFile(lease, name, { ...quick, ...options });
  reads.push({ ...(await readAll(leased)), facts: leased.facts });
  return reads;
}

function corrupt(desk: Desk): () => void {
  return () => desk.simulator.faults.add({ on: "transfer", file: name, kind: "corrupt", atByte: 1_000 });
}

const sha256Line = `SHA256(${name})= ${hex("sha256")}`;
const all: readonly ChecksumAlgorithm[] = ["MD5", "SHA1", "SHA256", "SHA512"];

describe("openItemFile computes the digests, and verifies by what is known beforehand:", () => {
  test.for<readonly [string, Setting, string, readonly ChecksumAlgorithm[]]>([
    ["the session's checksum", { report: { checksum: "always", checksumAlgorithm: "MD5" } }, "checksum", ["MD5"]],
    [
      "the library's checksum",
      { report: { checksum: "never", itemChecksum: true, checksumAlgorithm: "SHA512" } },
      "checksum",
      ["SHA512"],
    ],
    [
      "a checksum of no named algorithm",
      { report: { checksum: "always" }, states: { checksum: { checksum: hex("sha1") } } },
      "checksum",
      ["SHA1"],
    ],
    ["the manifest", { report: { checksum: "never" }, manifest: sha256Line }, "manifest", ["SHA256"]],
    ["the manifest, where a checksum follows", { manifest: sha256Line }, "checksum", ["SHA256"]],
    [
      "the manifest, where a checksum of another kind follows",
      { report: { checksumAlgorithm: "SHA1" }, manifest: sha256Line },
      "manifest",
      ["SHA256"],
    ],
    [
      "both",
      { report: { checksum: "always", checksumAlgorithm: "SHA1" }, manifest: sha256Line },
      "checksum",
      ["SHA1", "SHA256"],
    ],
    ["nothing, where a checksum follows", {}, "checksum", all],
    ["nothing", { report: { checksum: "never" } }, "length", all],
    [
      "a manifest that does not name it",
      { report: { checksum: "never" }, manifest: `SHA256(other.ovf)= ${zeros}` },
      "length",
      all,
    ],
  ])("%s", async ([, setting, verifiedBy, algorithms]) => {
    await using desk = await openPackage(setting);
    for (const { facts, isEnded, error } of await readBoth(desk)) {
      expect(error).toBeUndefined();
      expect(isEnded).toBe(true);
      expect(facts).toMatchObject({ verifiedBy, sizeBytes: bytes.length });
      expect(Object.keys(facts?.digests ?? {}).toSorted()).toEqual(algorithms.toSorted());
      if (verifiedBy === "manifest") expect(facts?.checksum).toEqual({ algorithm: "SHA256", checksum: hex("sha256") });
    }
  });
});

describe("openItemFile never ends after a flipped byte:", () => {
  test.for<readonly [string, Setting]>([
    ["the session's checksum", { report: { checksum: "always" } }],
    ["the session's late checksum", {}],
    ["the library's checksum", { report: { checksum: "never", itemChecksum: true } }],
    ["the manifest", { report: { checksum: "never" }, manifest: sha256Line }],
    [
      "the second line of the manifest",
      { report: { checksum: "never" }, manifest: `${sha256Line}\nSHA1(${name})= ${hex("sha1")}` },
    ],
  ])("%s", async ([, setting]) => {
    await using desk = await openPackage(setting);
    for (const { error, isEnded } of await readBoth(desk, {}, corrupt(desk))) {
      expect(isEnded).toBe(false);
      expect(error).toBeInstanceOf(IntegrityError);
      expect(error).toMatchObject({ problem: "digest" });
    }
    expect(desk.simulator.faults.unused).toEqual([]);
  });
});

test("openItemFile compares the caller's own checksum as well, also a function", async () => {
  await using desk = await openPackage({ report: { checksum: "never" } });
  for (const checksum of [
    { algorithm: "SHA1", checksum: hex("sha1") } as const,
    () => Promise.resolve({ algorithm: "SHA1", checksum: hex("sha1") } as const),
  ]) {
    for (const { facts } of await readBoth(desk, { expect: { checksum } })) {
      expect(facts).toMatchObject({ verifiedBy: "checksum", checksum: { algorithm: "SHA1" } });
    }
  }
  const wrong = { algorithm: "SHA1", checksum: "1".repeat(40) } as const;
  for (const { error } of await readBoth(desk, { expect: { checksum: wrong } })) {
    expect(error).toMatchObject({ problem: "digest" });
  }
});

describe("openItemFile, with a manifest", () => {
  test("that is wrong while the checksum is right, fails with the problem manifest, or reports it on request", async () => {
    await using desk = await openPackage({ manifest: `SHA256(${name})= ${zeros}` });
    for (const { error } of await readBoth(desk))
      expect(error).toMatchObject({ code: "INTEGRITY", problem: "manifest" });
    for (const { facts } of await readBoth(desk, { manifest: "report", requireVerified: true })) {
      expect(facts).toMatchObject({ verifiedBy: "checksum" });
    }
  });

  test("that is unusable, names it, and fails with requireVerified", async () => {
    await using desk = await openPackage({ report: { checksum: "never" }, manifest: `SHA3-256(${name})= ${zeros}` });
    for (const { facts } of await readBoth(desk)) {
      expect(facts).toMatchObject({
        verifiedBy: "length",
        doubts: [{ reason: "unknown-algorithm", manifest: "p.mf", line: 1 }],
      });
    }
    for (const { error, isEnded } of await readBoth(desk, { requireVerified: true })) {
      expect(isEnded).toBe(false);
      expect(error).toMatchObject({ problem: "unverifiable" });
      expect(String(error)).toContain("SHA3-256");
    }
  });

  test("that cannot be fetched, names it, and fails with requireVerified", async () => {
    await using desk = await openPackage({
      report: { checksum: "never" },
      manifest: sha256Line,
      rules: { faults: [{ on: "downloadSession.file.prepare", file: "p.mf", kind: "prepareError", times: "always" }] },
    });
    for (const { facts } of await readBoth(desk)) {
      expect(facts).toMatchObject({ verifiedBy: "length", doubts: [{ reason: "unavailable", manifest: "p.mf" }] });
    }
    for (const { error } of await readBoth(desk, { requireVerified: true })) {
      expect(error).toMatchObject({ problem: "unverifiable" });
    }
  });

  test("reads the manifest itself, and a part of a file, without it", async () => {
    await using desk = await openPackage({ report: { checksum: "never" }, manifest: sha256Line });
    const part = await openItemFile(desk.client, desk.item.id, name, { ...quick, endByte: 99 });
    expect((await readAll(part)).bytes).toHaveLength(100);
    const prepared = desk.simulator.journal.filter(({ operation }) => operation === "downloadSession.file.prepare");
    expect(prepared).toHaveLength(1);
    const itself = await openItemFile(desk.client, desk.item.id, "p.mf", quick);
    expect((await readAll(itself)).bytes.toString()).toBe(sha256Line);
    expect(itself.facts).toMatchObject({ verifiedBy: "length" });
  });
});

test("openItemFile with requireVerified fails only for a file that nothing vouches for", async () => {
  const silent = {
    report: { checksum: "never", size: "never" },
    rules: { transfer: { contentLength: false } },
  } as const;
  await using desk = await openPackage(silent);
  for (const { facts, isEnded } of await readBoth(desk))
    expect([isEnded, facts?.verifiedBy]).toEqual([true, "nothing"]);
  for (const { error, isEnded } of await readBoth(desk, { requireVerified: true })) {
    expect(isEnded).toBe(false);
    expect(error).toMatchObject({ code: "INTEGRITY", problem: "unverifiable" });
  }
  await using stated = await openPackage({ report: { checksum: "never" } });
  for (const { facts } of await readBoth(stated, { requireVerified: true })) expect(facts?.verifiedBy).toBe("length");
});

test("openItemFile continues after a body without a length that ends before the size that the session states", async () => {
  await using desk = await openPackage({ rules: { transfer: { contentLength: false } } });
  const cut = (): void => desk.simulator.faults.add({ on: "transfer", file: name, kind: "truncate", atByte: 100_000 });
  for (const { bytes: seen, facts, error } of await readBoth(desk, {}, cut)) {
    expect(error).toBeUndefined();
    expect(seen.equals(bytes)).toBe(true);
    expect(facts).toMatchObject({ verifiedBy: "checksum", resumes: 1 });
  }
  desk.simulator.faults.add({ on: "transfer", file: name, kind: "truncate", atByte: 100_000, times: "always" });
  const [seen] = await readBoth(desk, { resumeLimit: 2 });
  expect(seen?.error).toMatchObject({ code: "INTEGRITY", problem: "length" });
});

test.each([400, 403])(
  "openItemFile loses at most a checksum where the library refuses to list its files with %i",
  async (status) => {
    await using desk = await openPackage({ report: { checksum: "never", itemChecksum: true } });
    desk.simulator.faults.add({ on: "item.file.list", kind: "status", status, times: "always" });
    for (const { facts } of await readBoth(desk)) expect(facts?.verifiedBy).toBe("length");
  },
);

describe("openItemFile compares an OVA archive of which nothing is known beforehand with the manifest inside it", () => {
  const ova = "p.ova";
  const archiveOf = (line: string): Buffer =>
    writeTar([
      { name: "p.ovf", content: "<Envelope/>" },
      { name: "p.mf", content: `SHA256(p.ovf)= ${sha256("<Envelope/>")}\n${line}` },
      { name: "p.vmdk", content: bytes },
    ]);
  const good = `SHA256(p.vmdk)= ${hex("sha256")}`;
  const openOva = (line: string, report: ReportRules = { checksum: "never" }): Promise<Desk> =>
    openDesk({ files: [{ name: ova, bytes: archiveOf(line) }], report });
  async function read(desk: Desk, options: FileStreamOptions = {}): Promise<Read> {
    const stream = await openItemFile(desk.client, desk.item.id, ova, { ...quick, ...options });
    return { ...(await readAll(stream)), facts: stream.facts };
  }

  test("as a download does", async () => {
    await using desk = await openOva(good);
    expect((await read(desk)).facts).toMatchObject({ verifiedBy: "manifest" });
    expect((await read(desk, { connectionsPerFile: 3, requireVerified: true })).facts).toMatchObject({
      verifiedBy: "manifest",
    });
    const prefix = (): AsyncIterable<Uint8Array> => Readable.from([archiveOf(good).subarray(0, 1_000)]);
    expect((await read(desk, { startByte: 1_000, prefix })).facts).toMatchObject({ verifiedBy: "manifest" });
    desk.simulator.faults.add({ on: "transfer", kind: "reset", atByte: 200_000 });
    expect((await read(desk)).facts).toMatchObject({ verifiedBy: "manifest", resumes: 1 });
    desk.simulator.faults.add({ on: "transfer", kind: "corrupt", atByte: 100_000 });
    const { error, isEnded } = await read(desk);
    expect(isEnded).toBe(false);
    expect(error).toMatchObject({ code: "INTEGRITY", problem: "archive" });
    expect(String(error)).toContain('"p.vmdk" in "p.ova" does not match the OVF manifest "p.mf" (line 2)');
  });

  test("and names a manifest that is unusable", async () => {
    await using desk = await openOva(`SHA3-256(p.vmdk)= ${zeros}`);
    const { facts } = await read(desk);
    expect(facts).toMatchObject({ verifiedBy: "length" });
    expect(facts?.doubts).toContainEqual(expect.objectContaining({ reason: "unknown-algorithm", line: 2 }));
    expect((await read(desk, { requireVerified: true })).error).toMatchObject({ problem: "unverifiable" });
  });

  test("fails with the problem manifest where it contradicts a late checksum; ignores it with a checksum beforehand", async () => {
    await using late = await openOva(`SHA256(p.vmdk)= ${zeros}`, {});
    expect((await read(late)).error).toMatchObject({ problem: "manifest" });
    expect((await read(late, { manifest: "report" })).facts).toMatchObject({ verifiedBy: "checksum" });
    await using known = await openOva(`SHA256(p.vmdk)= ${zeros}`, { checksum: "always" });
    expect((await read(known)).facts).toMatchObject({ verifiedBy: "checksum" });
  });
});

describe("openItemFile waits for what the server states just after the last byte:", () => {
  const patient = { factsTimeoutMs: 10_000 } as const;
  test.for<readonly [string, ReportRules]>([
    ["the checksum", { checksumDelayMs: 300 }],
    ["the length and the checksum", { size: "downloaded", sizeDelayMs: 300, checksumDelayMs: 600 }],
    ["the checksum, null until then", { checksumDelayMs: 300, unset: "null" }],
  ])("%s", async ([, report]) => {
    await using desk = await openPackage({ report, rules: { transfer: { contentLength: false } } });
    for (const { facts } of await readBoth(desk, patient)) expect(facts).toMatchObject({ verifiedBy: "checksum" });
    for (const { error, isEnded } of await readBoth(desk, patient, corrupt(desk))) {
      expect(isEnded).toBe(false);
      expect(error).toMatchObject({ code: "INTEGRITY", problem: "digest" });
    }
  });

  test("within factsTimeoutMs", async () => {
    await using desk = await openPackage({ report: { checksumDelayMs: 600_000 } });
    for (const { facts } of await readBoth(desk, { factsTimeoutMs: 0 })) expect(facts?.verifiedBy).toBe("length");
  });
});

test.for(["", "N/A", "abc"])("openItemFile ignores a checksum that states nothing: %j", async (checksum) => {
  const states = { checksum: { algorithm: "SHA1", checksum } } as const;
  await using alone = await openPackage({ report: { checksum: "always" }, states });
  for (const { facts } of await readBoth(alone, { factsTimeoutMs: 0 })) expect(facts?.verifiedBy).toBe("length");
  await using desk = await openPackage({ report: { checksum: "always" }, states, manifest: sha256Line });
  for (const { facts } of await readBoth(desk, { factsTimeoutMs: 0 })) expect(facts?.verifiedBy).toBe("manifest");
});
