import type { JournalEntry, LibrarySeed } from "@carrel/simulator";
import { hexDigest, until } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { descriptor } from "./support/descriptor.ts";
import { test } from "./support/fixture.ts";

const disk = (name: string): { readonly name: string; readonly sizeBytes: number } => ({ name, sizeBytes: 5_000 });
const photon = {
  name: "photon",
  type: "ovf",
  description: "For tests.\nTwo lines \u001B[2J",
  files: [{ name: "photon.ovf", text: descriptor }, disk("photon-disk1.vmdk"), disk("photon disk2.vmdk")],
};
const libraries: readonly LibrarySeed[] = [
  { name: "Templates", description: "Golden", items: [photon, { name: "empty" }, { name: "twin" }] },
  { name: "Branch", type: "SUBSCRIBED", onDemand: true, items: [photon, { name: "twin" }] },
];

/** Calls of the API about the item: without finding out the wire style, and without the login and the logout. */
function callsIn(journal: readonly JournalEntry[]): readonly string[] {
  const operations = journal.flatMap(({ operation }) => (operation === undefined ? [] : [operation]));
  // The probe of the modern style asks without a session.
  const probe = operations.indexOf("library.list");
  return operations.filter((name, index) => !name.startsWith("session.") && index !== probe);
}

describe("carrel info LIBRARY/ITEM", () => {
  test("shows the item, its files, and what its descriptor says", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries: [libraries[0]!], report: { itemChecksum: true } });
    const { exitCode, stdout, stderr } = await run(["info", "templates/PHOTON"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const item = simulator.inventory.item("Templates/photon");
    const checksum = hexDigest("sha256", descriptor);
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`;
    for (const line of [
      "^Item {14}photon$",
      `^Id {16}${item.id}$`,
      "^Type {14}ovf$",
      String.raw`^Library {11}Templates \(${item.libraryId}\)$`,
      String.raw`^Description {7}For tests\. Two lines \\u\{1b\}\[2J$`,
      `^Created {11}${time}$`,
      `^Modified {10}${time}$`,
      "^Content version {3}1$",
      "^Metadata version {2}1$",
      "^Cached {12}yes$",
      String.raw`^Size {14}\d+\.\d KiB on the server's storage$`,
      "^Storage {11}datastore datastore-1$",
      String.raw`^ +4\.9 KiB +1 {2}yes {5}photon-disk1\.vmdk$`,
      `^ +sha256:${checksum}$`,
      String.raw`^OVF descriptor photon\.ovf \(verified by checksum\)$`,
      "^Product {11}Photon 5.0 GA by Broadcom$",
      String.raw`^Guest OS {10}VMware Photon OS \(64-bit\) \(vmwarePhoton64Guest\)$`,
      "^Hardware version {2}vmx-19$",
      "^CPUs {14}2$",
      String.raw`^Memory {12}2\.0 GiB$`,
      String.raw`^Disk {14}vmdisk1: 16\.0 GiB, content in photon-disk1\.vmdk$`,
      String.raw`^Disk {14}swap: 2\.0 GiB, empty$`,
      "^Network {11}VM Network$",
      String.raw`^Property {10}hostname \(string, no default\): Host name$`,
      String.raw`^Property {10}root\.pw \(password, has a default\): Password$`,
      String.raw`^Property {10}build \(string, fixed\)$`,
      "^EULA {14}must be accepted$",
    ]) {
      expect(stdout).toMatch(new RegExp(line, "mu"));
    }
    expect(stdout).not.toContain("A deployment would fail");
    expect(stdout).not.toContain("\u001B");
    expect(stdout).not.toMatch(/hunter\d/u);
  });

  test("takes at most 8 calls besides login and logout, and one transfer, of every version", async ({ simulate }) => {
    const reports = [{ itemChecksum: true }, {}];
    const versions = ["6.7", "7.0", "8.0", "9.1"] as const;
    for (const { version, report } of versions.flatMap((each) =>
      reports.map((one) => ({ version: each, report: one })),
    )) {
      const { simulator, run } = await simulate({ libraries: [libraries[0]!], version, report });
      expect((await run(["info", "Templates/photon"])).exitCode).toBe(0);
      expect(callsIn(simulator.journal).toSorted()).toEqual(
        [
          "item.find",
          "item.get",
          "library.get",
          "item.file.list",
          "downloadSession.create",
          "downloadSession.file.prepare",
          ...(report.itemChecksum ? [] : ["downloadSession.file.get"]),
          "downloadSession.delete",
        ].toSorted(),
      );
      expect(callsIn(simulator.journal).length).toBeLessThanOrEqual(8);
      expect(simulator.journal.filter(({ kind }) => kind === "transfer")).toHaveLength(1);
    }
  });

  test("--json writes one object, without the value of a property", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries: [libraries[0]!], report: { itemChecksum: true } });
    const { stdout } = await run(["info", "Templates/photon", "--json"]);
    const item = simulator.inventory.item("Templates/photon");
    expect(JSON.parse(stdout)).toMatchObject({
      type: "item",
      item: "photon",
      itemId: item.id,
      itemType: "ovf",
      library: "Templates",
      libraryId: item.libraryId,
      description: photon.description.trim(),
      createdAt: expect.stringMatching(/^\d{4}-/u) as string,
      contentVersion: 1,
      cached: true,
      sizeBytes: descriptor.length + 10_000,
      storage: [{ datastoreId: "datastore-1" }],
      files: [
        {
          file: "photon.ovf",
          version: 1,
          cached: true,
          sizeBytes: descriptor.length,
          checksum: { algorithm: "sha256", hex: await item.file("photon.ovf").sha256() },
        },
        { file: "photon-disk1.vmdk" },
        { file: "photon disk2.vmdk" },
      ],
      descriptor: {
        file: "photon.ovf",
        verifiedBy: "checksum",
        machines: [{ id: "photon", hardwareVersions: ["vmx-19"], cpus: 2, memoryBytes: 2_147_483_648 }],
        hasEula: true,
      },
      problems: [],
    });
    expect(stdout).not.toMatch(/hunter\d/u);
  });

  test("says what would make a deployment fail", async ({ simulate }) => {
    const broken = descriptor.replace('fileRef="file1"', 'fileRef="file9"');
    const { run } = await simulate({
      libraries: [
        {
          name: "T",
          items: [
            { name: "lacks", type: "ovf", files: [{ name: "photon.ovf", text: broken }, disk("photon-disk1.vmdk")] },
            { name: "none", type: "ovf", files: [disk("a.vmdk")] },
            { name: "page", type: "ovf", files: [{ name: "a.ovf", text: `<html>hunter2hunter2` }] },
          ],
        },
      ],
    });
    const lacks = await run(["info", "T/lacks"]);
    expect(lacks).toMatchObject({ exitCode: 0, stderr: "" });
    expect(lacks.stdout).toMatch(
      /^A deployment would fail\n {2}Missing file "photon%20disk2\.vmdk": the descriptor refers to it as the content of disk vmdisk2\n {2}Disk vmdisk1 refers to file "file9", which the descriptor does not list\n$/mu,
    );
    expect((await run(["info", "T/none"])).stdout).toContain("The item is of type ovf and has no descriptor");
    const page = await run(["info", "T/page", "--json"]);
    expect(JSON.parse(page.stdout)).toMatchObject({
      problems: [
        {
          problem: "unreadable-descriptor",
          file: "a.ovf",
          reason: "Cannot read the OVF descriptor: not well-formed XML at line 1, column 7",
        },
      ],
    });
    expect(page.stdout).not.toContain("hunter");
  });

  test("tells apart an item from one of the same name in another library", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    const { id } = simulator.inventory.item("Branch/twin");
    const json = async (path: string): Promise<unknown> => JSON.parse((await run(["info", path, "--json"])).stdout);
    expect(await json("Branch/twin")).toMatchObject({ itemId: id });
    expect(await json(`Branch/${id}`)).toMatchObject({ itemId: id, item: "twin" });
    expect(await json(`${simulator.inventory.library("Branch").id}/twin`)).toMatchObject({ itemId: id });
    expect(await run(["info", "Templates/photom"])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('Did you mean "photon"?') as string,
    });
    expect(await run(["info", "Branch/empty"])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('No item "empty" in library "Branch"') as string,
    });
  });

  test("does without the descriptor where it is not cached, or not wanted", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    const uncached = await run(["info", "Branch/photon"]);
    expect(uncached).toMatchObject({
      exitCode: 0,
      stderr:
        'Warning: The descriptor "photon.ovf" is not cached at this vCenter. To fetch it there: carrel sync "Branch/photon"\n',
    });
    expect(uncached.stdout).toMatch(/^Cached {12}no$/mu);
    expect(uncached.stdout).not.toMatch(/^Size/mu);
    expect(uncached.stdout).toMatch(/^Subscription {6}content on demand, synchronized when asked to$/mu);
    expect(await run(["info", "Templates/photon", "--no-descriptor"])).toMatchObject({ exitCode: 0, stderr: "" });
    expect(simulator.journal.some(({ operation }) => operation === "downloadSession.create")).toBe(false);
  });

  test("shows what is known where the descriptor cannot be read, and ends as the failure does", async ({
    simulate,
  }) => {
    const { simulator, run } = await simulate({ libraries: [libraries[0]!], report: { itemChecksum: true } });
    simulator.faults.add({ on: "downloadSession.create", kind: "status", status: 403 });
    const denied = await run(["info", "Templates/photon"]);
    expect(denied).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("Download files") as string });
    expect(denied.stdout).toMatch(/^Content version {3}1$/mu);

    simulator.faults.add({ on: "transfer", kind: "corrupt", atByte: 100 });
    const corrupt = await run(["info", "Templates/photon", "--json"]);
    expect(corrupt.exitCode).toBe(5);
    const [info, failed] = corrupt.stdout.trim().split("\n");
    expect(JSON.parse(info ?? "")).toMatchObject({ type: "item", problems: [] });
    expect(JSON.parse(info ?? "")).not.toHaveProperty("descriptor");
    expect(JSON.parse(failed ?? "")).toMatchObject({
      type: "failed",
      item: "photon",
      error: { code: "INTEGRITY", exitCode: 5 },
    });
  });

  test("waits for a descriptor that is being prepared, and gives up a session that cannot be deleted", async ({
    simulate,
  }) => {
    const { simulator, run } = await simulate({ libraries: [libraries[0]!], prepare: { preparingMs: 300 } });
    expect(await run(["info", "Templates/photon"])).toMatchObject({ exitCode: 0, stderr: "" });
    simulator.faults.add({ on: "downloadSession.delete", kind: "status", status: 400 });
    const { exitCode, stderr } = await run(["info", "Templates/photon"]);
    expect(exitCode).toBe(0);
    const [left] = simulator.openSessions;
    expect(stderr).toContain(`carrel sessions rm ${left}`);
    expect((await run(["sessions", "rm", left ?? ""])).exitCode).toBe(0);
  });
});

test("carrel info leaves no session where it is interrupted while one is created, or a file prepared", async ({
  simulate,
}) => {
  for (const on of ["downloadSession.create", "downloadSession.file.prepare"] as const) {
    const { simulator, start } = await simulate({ libraries: [libraries[0]!] });
    simulator.faults.add({ on, kind: "delay", delayMs: 1_000 });
    const { child, ended } = start(["info", "Templates/photon"]);
    await until(() => simulator.journal.some(({ operation }) => operation === on));
    child.kill("SIGINT");
    expect((await ended).exitCode).toBe(130);
    expect(simulator.downloadSessions).toEqual([]);
  }
});

describe("carrel info of an OVA", () => {
  const tar = (entries: readonly (readonly [string, string | number])[]): Buffer =>
    Buffer.concat([
      ...entries.flatMap(([name, content]) => {
        const bytes = typeof content === "number" ? Buffer.alloc(content, "x") : Buffer.from(content);
        const header = Buffer.alloc(512);
        header.write(name);
        header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
        header.write("0        ustar\u000000", 156);
        header.write("0", 156);
        header.fill(0, 157, 257);
        header.write(" ".repeat(8), 148);
        const sum = header.reduce((total, byte) => total + byte, 0);
        header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
        return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
      }),
      Buffer.alloc(1024),
    ]);
  const sha256 = hexDigest("sha256", descriptor);
  const manifest = `SHA256(photon.ovf)= ${sha256}\n`;
  const ova = tar([
    ["photon.ovf", descriptor],
    ["photon.mf", manifest],
    ["photon-disk1.vmdk", 6_000_000],
  ]);
  const item = (bytes: Uint8Array): readonly LibrarySeed[] => [
    { name: "T", items: [{ name: "photon", type: "ova", files: [{ name: "photon.ova", bytes }] }] },
  ];

  test("reads the descriptor out of its beginning, and proves it by the manifest there", async ({ simulate }) => {
    for (const ranges of [true, false]) {
      const { simulator, run } = await simulate({ libraries: item(ova), transfer: { ranges } });
      const { exitCode, stdout, stderr } = await run(["info", "T/photon"]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toMatch(/^OVF descriptor photon\.ovf \(verified by manifest\)$/mu);
      expect(stdout).toMatch(/^Hardware version {2}vmx-19$/mu);
      expect(stdout).not.toContain("A deployment would fail");
      const [transfer, ...others] = simulator.journal.filter(({ kind }) => kind === "transfer");
      expect(others).toEqual([]);
      expect(transfer?.requestHeaders["range"]).toBe("bytes=0-2359295");
      if (ranges) expect(transfer?.sentBytes).toBe(2_359_296);
      expect(callsIn(simulator.journal).length).toBeLessThanOrEqual(8);
    }
  });

  test("says where the descriptor is not at its beginning, or is not the manifest's", async ({ simulate }) => {
    const late = tar([
      ["photon-disk1.vmdk", 3_000_000],
      ["photon.ovf", descriptor],
    ]);
    const end = await (await simulate({ libraries: item(late) })).run(["info", "T/photon"]);
    expect(end).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('"photon.ova" has no descriptor at its beginning') as string,
    });
    const other = tar([
      ["photon.ovf", descriptor.replace("vmx-19", "vmx-21")],
      ["photon.mf", manifest],
    ]);
    expect(await (await simulate({ libraries: item(other) })).run(["info", "T/photon"])).toMatchObject({ exitCode: 5 });
  });
});

describe("carrel info LIBRARY", () => {
  test("shows a library in a few calls", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    const local = await run(["info", "Templates"]);
    expect(local).toMatchObject({ exitCode: 0, stderr: "" });
    expect(local.stdout).toMatch(/^Type {14}local$/mu);
    expect(local.stdout).toMatch(/^Items {13}3$/mu);
    expect(callsIn(simulator.journal)).toEqual(["library.find", "library.get", "item.list"]);
    const { stdout } = await run(["info", "Branch", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      type: "library",
      library: "Branch",
      libraryId: simulator.inventory.library("Branch").id,
      libraryType: "subscribed",
      itemCount: 2,
      storage: [{ datastoreId: "datastore-1" }],
      subscription: { publisher: expect.stringContaining("https://") as string, onDemand: true, automatic: false },
    });
    expect(await run(["info", "Temp"])).toMatchObject({ exitCode: 4 });
    const several = await run(["info", "/Branch", "Templates/", "--json"]);
    const shown = several.stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { library: string }).library);
    expect(shown).toEqual(["Branch", "Templates"]);
  });
});

describe("carrel info with globs", () => {
  const jsonLines = (stdout: string): readonly Readonly<Record<string, unknown>>[] =>
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  test("shows each library and each item that matches, as the server spells it", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    const both = await run(["info", "*", "--json"]);
    expect(jsonLines(both.stdout)).toMatchObject([{ library: "Templates" }, { library: "Branch" }]);
    const twins = await run(["info", "/*/tw*", "--json"]);
    expect(jsonLines(twins.stdout)).toMatchObject([
      { type: "item", library: "Templates", item: "twin" },
      { type: "item", library: "Branch", item: "twin" },
    ]);
    expect(await run(["info", "Temp*/TWIN"])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Item {14}twin\n(?:.*\n)*Library {11}Templates /u) as string,
    });
    expect(await run(["info", "Templates/x*"])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('No item of library "Templates" matches "x*"') as string,
    });
  });

  test("shows files, without a session", async ({ simulate }) => {
    const { simulator, run } = await simulate({ libraries });
    const files = await run(["info", "Templates/photon/*.vmdk", "--json"]);
    expect(jsonLines(files.stdout)).toMatchObject([
      { type: "file", file: "photon-disk1.vmdk", item: "photon", library: "Templates", version: 1, cached: true },
      { type: "file", file: "photon disk2.vmdk", path: "Templates/photon/photon disk2.vmdk" },
    ]);
    const one = await run(["info", "Templates/photon/photon.ovf"]);
    expect(one.stdout).toMatch(/^File {14}photon\.ovf\nItem {14}photon \([\da-f-]{36}\)\n/u);
    expect(one.stdout).toMatch(/^Size {14}.* on the server's storage$/mu);
    expect(await run(["info", "Templates/photon/*.iso"])).toMatchObject({
      exitCode: 4,
      stderr:
        'carrel: No file of "photon" in library "Templates" matches "*.iso"\n' +
        '  List what exists: carrel ls "Templates/photon"\n',
    });
    expect(simulator.journal.filter(({ operation }) => operation === "downloadSession.create")).toEqual([]);
  });
});
