import { open } from "node:fs/promises";
import { join } from "node:path";
import { sha256, tarHeader, writeTar } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { archived, disk, ovf, photon } from "./support/archives.ts";
import { test } from "./support/fixture.ts";
import { eventsOf } from "./support/mirrored.ts";

const inArchive = "T/photon/photon.ova";

describe("carrel ls LIBRARY/ITEM/x.ova", () => {
  test("lists the files in the archive, with -l the digests that its manifest states", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries: archived(photon) });
    expect(await run(["ls", inArchive])).toEqual({
      exitCode: 0,
      stdout: [
        "   SIZE  NAME",
        "1.9 MiB  photon-disk1.vmdk",
        "  177 B  photon.mf",
        "4.9 KiB  photon.ovf",
        "   13 B  texts/eula.txt",
        "",
      ].join("\n"),
      stderr: "",
    });
    const long = await run(["ls", "-l", inArchive]);
    expect(long.stdout).toContain(` sha256:${sha256(Buffer.from(ovf.content))}  photon.ovf\n`);
    expect(long.stdout).toMatch(/^ +13 B {2}- +texts\/eula\.txt$/mu);
    expect(simulator.downloadSessions).toEqual([]);
  });

  test("writes the formats of all lists, whose paths cat takes", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries: archived(photon) });
    const as = async (...more: readonly string[]): Promise<string> => (await run(["ls", inArchive, ...more])).stdout;
    const { id: itemId, libraryId } = simulator.inventory.item("T/photon");
    const common = { type: "member", archive: "photon.ova", item: "photon", itemId, library: "T", libraryId };
    const members = eventsOf(await as("--json", "--sort", "none"));
    expect(members).toEqual([
      {
        ...common,
        member: "photon.ovf",
        path: `${inArchive}/photon.ovf`,
        sizeBytes: ovf.content.length,
        checksum: { algorithm: "sha256", hex: sha256(Buffer.from(ovf.content)) },
        manifest: "photon.mf",
      },
      expect.objectContaining({ ...common, member: "photon.mf" }),
      { ...common, member: "texts/eula.txt", path: String.raw`${inArchive}/texts\/eula.txt`, sizeBytes: 13 },
      expect.objectContaining({ ...common, member: disk.name, sizeBytes: 2_000_000 }),
    ]);
    expect(await as("-o", "yaml", "--sort", "size")).toMatch(/^- type: "member"\n {2}member: "photon-disk1\.vmdk"\n/u);
    expect(await as("-o", "csv", "--columns", "type,size,path")).toContain(
      String.raw`member,13,T/photon/photon.ova/texts\/eula.txt`,
    );
    const paths = (await as("-o", "name")).trimEnd().split("\n");
    expect(await as("-0")).toBe(`${paths.join("\0")}\0`);
    for (const path of paths) expect((await run(["cat", path])).exitCode).toBe(0);
  });

  test("lists what globs mean: archives, or files in them", async ({ simulate }) => {
    const { run } = await simulate({ libraries: archived(photon, [{ name: "readme.txt", text: "x" }]) });
    const names = async (path: string): Promise<string> => (await run(["ls", path, "-o", "name"])).stdout;
    expect(await names("T/photon/*.ova")).toBe(`${inArchive}\n`);
    expect(await names(`${inArchive}/*.ovf`)).toBe(`${inArchive}/photon.ovf\n`);
    expect(await names("T/*/*.ova/*.vmdk")).toBe(`${inArchive}/photon-disk1.vmdk\n`);
    expect((await run(["ls", "T/*/*.ova/*.ovf"])).stdout).toContain(`${inArchive}/photon.ovf`);
    const both = eventsOf((await run(["ls", "-r", "T/photon", `${inArchive}/*`, inArchive, "--json"])).stdout);
    expect(both.map(({ type }) => type)).toEqual(["file", "member", "member", "member", "member", "file"]);
    expect((await run(["du", inArchive, "-o", "name"])).stdout).toBe(`${inArchive}\n`);
    const none = await run(["ls", `${inArchive}/*.iso`]);
    expect(none).toEqual({
      exitCode: 4,
      stdout: "",
      stderr: `carrel: No file in "${inArchive}" matches "*.iso"\n  List what exists: carrel ls "${inArchive}"\n`,
    });
    expect((await run(["ls", "T/photon/other.ova"])).stderr).toContain('No file of "photon" in library "T" matches');
    expect((await run(["ls", inArchive, "--type", "ovf"])).exitCode).toBe(2);
  });

  test("warns about what is wrong with the archive, and shows what it has", async ({ simulate }) => {
    const entries = [ovf, { ...ovf, content: "second" }, disk];
    const cut = writeTar(entries).subarray(0, 100_000);
    const item = { name: "photon", files: [{ name: "photon.ova", bytes: cut }] };
    const { run } = await simulate({ libraries: [{ name: "T", items: [item] }] });
    const { exitCode, stdout, stderr } = await run(["ls", inArchive, "-o", "name"]);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `${inArchive}/photon-disk1.vmdk\n${inArchive}/photon.ovf\n`,
    });
    expect(stderr).toBe(
      'Warning: "photon.ova": it ends in the middle of a member\n' +
        'Warning: several members are named "photon.ovf": the last one was used\n',
    );
  });

  test("shows hostile names as escapes", async ({ simulate }) => {
    const { run } = await simulate({ libraries: archived([{ name: "a\u001B[2J\n", content: "x" }]) });
    expect((await run(["ls", inArchive])).stdout).toBe(
      String.raw`SIZE  NAME` + "\n" + String.raw` 1 B  a\u{1b}[2J\u{a}` + "\n",
    );
  });
});

const GiB = 1024 ** 3;

test("an OVF of 20 kB in an archive of 40 GB costs well under 1 MiB, to list and to read", async ({
  simulate,
  folder,
}) => {
  const content = "<Envelope/>".padEnd(20_000);
  const head = writeTar([{ name: "big.ovf", content }]).subarray(0, -1_024);
  const path = join(folder, "big.ova");
  {
    await using file = await open(path, "w");
    await file.write(head, 0, head.length, 0);
    // Disks of zeros, for which a disk needs no room.
    let at = head.length;
    for (const index of [0, 1, 2]) {
      await file.write(tarHeader({ name: `disk-${index}.vmdk`, sizeBytes: 13 * GiB }), 0, 512, at);
      at += 512 + 13 * GiB;
    }
    await file.truncate(at + 1_024);
  }
  const item = { name: "photon", files: [{ name: "big.ova", path }] };
  const { simulator, run } = await simulate({
    libraries: [{ name: "T", items: [item] }],
    report: { checksum: "never" },
  });
  const sent = (): number =>
    simulator.journal.filter(({ kind }) => kind === "transfer").reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  const listed = await run(["ls", "T/photon/big.ova", "--no-header"]);
  expect(listed.stdout).toBe(
    "19.5 KiB  big.ovf\n13.0 GiB  disk-0.vmdk\n13.0 GiB  disk-1.vmdk\n13.0 GiB  disk-2.vmdk\n",
  );
  const toList = sent();
  expect(toList).toBeLessThan(200_000);
  expect(await run(["cat", "T/photon/big.ova/big.ovf"])).toMatchObject({ exitCode: 0, stdout: content });
  expect(sent() - toList).toBeLessThan(200_000);
});

test("an archive with too much to read for a list is refused", async ({ simulate, folder }) => {
  const step = 40_000;
  const count = 300;
  const path = join(folder, "many.ova");
  {
    await using file = await open(path, "w");
    for (let index = 0; index < count; index += 1) {
      const header = tarHeader({ name: `disk-${index}.vmdk`, sizeBytes: step * 512 - 512 });
      await file.write(header, 0, 512, index * step * 512);
    }
    await file.truncate(count * step * 512 + 1_024);
  }
  const { simulator, run } = await simulate({
    libraries: [{ name: "T", items: [{ name: "photon", files: [{ name: "many.ova", path }] }] }],
    report: { checksum: "never" },
  });
  const { exitCode, stdout, stderr } = await run(["ls", "T/photon/many.ova"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toContain('Cannot list the files in "many.ova": more than 8.0 MiB of it would have to be fetched');
  expect(simulator.downloadSessions).toEqual([]);
});
