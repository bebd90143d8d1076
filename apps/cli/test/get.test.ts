import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";

const MiB = 1024 * 1024;
const images = {
  name: "Images",
  items: [
    {
      name: "ubuntu-26.04",
      type: "ovf",
      files: [
        { name: "ubuntu.ovf", text: "<Envelope/>" },
        { name: "ubuntu-disk1.vmdk", sizeBytes: 5 * MiB + 1 },
        { name: "ubuntu-disk2.vmdk", sizeBytes: 300_000 },
        { name: "empty.nvram", text: "" },
      ],
    },
    { name: "debian-13", type: "iso", files: [{ name: "debian.iso", sizeBytes: 70_000 }] },
  ],
};
const libraries = [images];

async function digestOf(path: string): Promise<string> {
  return sha256(await readFile(path));
}

test("an item with one file takes the same few requests, however many others its library has", async ({
  simulate,
  folder,
}) => {
  const others = Array.from({ length: 300 }, (_, index) => ({ name: `other-${index}`, type: "iso", files: [] }));
  const { simulator, run } = await simulate({ libraries: [{ ...images, items: [...others, ...images.items] }] });
  expect(await run(["get", "Images/debian-13", "-o", folder])).toMatchObject({ exitCode: 0 });
  const asked = simulator.journal.map(({ kind, operation }) => operation ?? kind);
  expect(asked.toSorted()).toEqual([
    "downloadSession.create",
    "downloadSession.delete",
    "downloadSession.file.get",
    "downloadSession.file.list",
    "downloadSession.file.prepare",
    "downloadSession.get",
    "item.file.list",
    "item.find",
    "item.get",
    "library.find",
    // The probe for the wire style.
    "library.list",
    "session.create",
    "session.delete",
    "transfer",
  ]);
});

describe("a whole item", () => {
  test.for(["auto", "api", "rest"])("arrives byte for byte with --wire %s", async (wire, { simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const { exitCode, stdout, stderr } = await run(["get", "Images/ubuntu-26.04", "-o", folder, "--wire", wire]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const { files } = simulator.inventory.item("Images/ubuntu-26.04");
    expect(await filesIn(folder)).toEqual(files.map(({ name }) => name).toSorted());
    for (const file of files) expect(await digestOf(join(folder, file.name))).toBe(await file.sha256());
    expect(stdout).toMatch(/^ +5\.0 MiB {2}verified by checksum +[\d.]+ [KMG]iB\/s {2}ubuntu-disk1\.vmdk$/mu);
    expect(stdout).toMatch(/^ +0 B {2}verified by checksum +empty\.nvram$/mu);
    expect(stdout).toMatch(/^4 files, 5\.3 MiB in [\d.]+ s \([\d.]+ [KMG]iB\/s\), all verified by checksum\.$/mu);
    expect(stdout).toContain(`Saved to ${folder}\n`);
    const styles = new Set(simulator.journal.map(({ style }) => style).filter(Boolean));
    expect(styles).toEqual(new Set([wire === "rest" ? "rest" : "api"]));
  });

  test("goes into a directory of its name by default", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const elsewhere = process.cwd();
    process.chdir(folder);
    try {
      expect(await run(["get", "Images/debian-13"])).toMatchObject({ exitCode: 0, stderr: "" });
    } finally {
      process.chdir(elsewhere);
    }
    expect(await filesIn(folder)).toEqual([join("debian-13", "debian.iso")]);
  });

  test("can be named by ids, and by names in any case", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries, report: { checksum: "always" } });
    const item = simulator.inventory.item("Images/debian-13");
    expect(await run(["get", `${item.libraryId}/${item.id}`, "-o", folder])).toMatchObject({ exitCode: 0 });
    const again = await run(["get", "iMAGES/DEBIAN-13", "-o", folder]);
    expect(again).toMatchObject({ exitCode: 0 });
    expect(again.stdout).toMatch(/unchanged since .* debian\.iso$/mu);
  });

  test("is reached with the authority's certificate in place of a thumbprint", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const ca = join(folder, "ca.pem");
    await writeFile(ca, simulator.certificate?.pem ?? "");
    const out = join(folder, "out");
    const args = ["get", "Images/debian-13", "-o", out, "--ca", ca];
    expect(await run(args, { VSPHERE_THUMBPRINT: "" })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await filesIn(out)).toEqual(["debian.iso"]);
  });

  test("is reached over http, with a warning", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries, tls: false });
    const { exitCode, stderr } = await run(["get", "Images/debian-13", "-o", folder]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^Warning: http:\/\/ sends the password .* unencrypted/u);
  });
});

describe("some files", () => {
  test("are chosen by a glob", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    expect(await run(["get", "Images/ubuntu-26.04/*.vmdk", "-o", folder])).toMatchObject({ exitCode: 0 });
    expect(await filesIn(folder)).toEqual(["ubuntu-disk1.vmdk", "ubuntu-disk2.vmdk"]);
  });

  test("that do not exist are not found, and no session is created", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const { exitCode, stderr } = await run(["get", "Images/ubuntu-26.04/ubuntu-disk3.vmdk", "-o", folder]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('Item "ubuntu-26.04" has no file that matches "ubuntu-disk3.vmdk"');
    expect(stderr).toContain("ubuntu-disk1.vmdk");
    expect(simulator.journal.filter(({ operation }) => operation === "downloadSession.create")).toEqual([]);
  });
});

describe("a name that leads nowhere", () => {
  test("of a library names the nearest", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries: [...libraries, { name: "Templates" }] });
    const { exitCode, stderr } = await run(["get", "Imagse/ubuntu-26.04", "-o", folder]);
    expect(exitCode).toBe(4);
    expect(stderr).toBe('carrel: No library "Imagse"\n  Did you mean "Images"?\n');
  });

  test("of an item names the nearest", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const { exitCode, stderr } = await run(["get", "images/ubuntu-24.04", "-o", folder]);
    expect(exitCode).toBe(4);
    expect(stderr).toBe('carrel: No item "ubuntu-24.04" in library "images"\n  Did you mean "ubuntu-26.04"?\n');
  });

  test("is an identifier", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const id = "00000000-0000-4000-8000-000000000000";
    const { exitCode, stderr } = await run(["get", `Images/${id}`, "-o", folder]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`No item "${id}"`);
  });
});

test("a name of several libraries is refused with their ids", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries: [...libraries, { name: "IMAGES" }, { name: "images" }] });
  const { exitCode, stderr } = await run(["get", "imAges/ubuntu-26.04", "-o", folder]);
  expect(exitCode).toBe(2);
  for (const { id } of simulator.inventory.libraries) expect(stderr).toContain(id);
  // Spelled exactly, it is the name of one only.
  expect(await run(["get", "Images/debian-13", "-o", folder])).toMatchObject({ exitCode: 0 });
});
