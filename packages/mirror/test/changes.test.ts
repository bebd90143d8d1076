import { readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { InventoryLibrary, ItemSeed } from "@carrel/simulator";
import { describe, expect } from "vitest";
import { expectMirrored, filesIn, imageOf, operations, problemsOf, test, transferred } from "./support/fixture.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];

/** Gives items other names, as an administrator does: all at once, and their content stays. */
function rename(library: InventoryLibrary, names: Readonly<Record<string, string>>): void {
  const seeds = Object.entries(names).map(([from, to]): ItemSeed => {
    const { id, files } = library.item(from);
    library.item(from).remove();
    return { ...imageOf(from, ...files.map(({ name }) => name)), id, name: to };
  });
  for (const seed of seeds) library.addItem(seed);
}

describe("mirrorLibrary downloads", () => {
  test("nothing where all is in place, at two calls for the library and one for each item", async ({ simulate }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    const before = simulator.journal.length;
    expect((await mirror()).counts).toMatchObject({ inPlace: 2, unchanged: 2, receivedBytes: 0 });
    expect(operations(simulator, before)).toEqual(["library.get", "item.list", "item.get", "item.get"]);
  });

  test("only what changed on the server", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries, report: { itemChecksum: true } });
    await mirror();
    const debian = await stat(join(directory, "debian", "debian.iso"));
    simulator.inventory.item("Images/ubuntu").putFile({ name: "b.vmdk", sizeBytes: 40_000, seed: "another" });
    simulator.inventory.library("Images").addItem(imageOf("fedora", "fedora.iso"));

    expect((await mirror()).counts).toMatchObject({ inPlace: 3, new: 1, changed: 1, unchanged: 1 });
    await expectMirrored(directory, simulator);
    // a.vmdk has the checksum that it had.
    expect(transferred(simulator)).toEqual(["a.vmdk", "b.vmdk", "b.vmdk", "debian.iso", "fedora.iso"]);
    expect((await stat(join(directory, "debian", "debian.iso"))).mtimeMs).toBe(debian.mtimeMs);
  });

  test("what was deleted or cut off in the directory", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    await rm(join(directory, "ubuntu", "a.vmdk"));
    await truncate(join(directory, "debian", "debian.iso"), 100);
    expect((await mirror()).counts).toMatchObject({ incomplete: 2, unchanged: 0 });
    await expectMirrored(directory, simulator);
    expect(transferred(simulator)).toEqual(["a.vmdk", "a.vmdk", "b.vmdk", "debian.iso", "debian.iso"]);

    await rm(join(directory, "debian"), { recursive: true });
    await mirror();
    await expectMirrored(directory, simulator);
  });

  test("no file that has the checksum which the server states, even if another program put it there", async ({
    simulate,
    directory,
  }) => {
    const { simulator, mirror } = await simulate({ libraries, report: { itemChecksum: true } });
    await mirror();
    await rm(join(directory, ".carrel-mirror.json"));
    const { mirrored } = await mirror();
    expect(mirrored.map(({ action, receivedBytes }) => [action, receivedBytes])).toEqual([
      ["new", 0],
      ["new", 0],
    ]);
    expect(transferred(simulator)).toHaveLength(3);
    await expectMirrored(directory, simulator);
  });

  test("all of an item whose files the server does not list, and the rest of the library", async ({
    simulate,
    directory,
  }) => {
    const { simulator, mirror } = await simulate({ libraries, report: { itemChecksum: true } });
    await mirror();
    simulator.inventory.item("Images/ubuntu").putFile({ name: "b.vmdk", text: "another" });
    simulator.faults.add({ on: "item.file.list", kind: "status", status: 400, times: "always" });
    expect((await mirror()).counts).toMatchObject({ changed: 1, unchanged: 1 });
    await expectMirrored(directory, simulator);
    simulator.faults.clear();
  });
});

describe("what no longer exists on the server", () => {
  test("stays without delete; what the mirror did not put there stays for ever", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    await writeFile(join(directory, "debian", "mine.txt"), "mine");
    await writeFile(join(directory, "mine.txt"), "mine");
    const { id } = simulator.inventory.item("Images/debian");
    simulator.inventory.item("Images/debian").remove();
    simulator.inventory.item("Images/ubuntu").removeFile("a.vmdk");

    const kept = await mirror();
    expect(kept.plan.gone).toEqual([{ item: "debian", itemId: id }]);
    expect(kept.counts).toMatchObject({ goneAndKept: 1, leftoversKept: 1, deleted: 0, deletedFiles: 0 });
    expect(await filesIn(directory)).toContain(join("debian", "debian.iso"));
    expect(await filesIn(directory)).toContain(join("ubuntu", "a.vmdk"));

    const { deleted, counts } = await mirror({ delete: true });
    expect(deleted).toEqual([
      { item: "debian", itemId: id, directory: "debian", files: 1, sizeBytes: 40_000 },
      { item: "ubuntu", itemId: expect.any(String), directory: "ubuntu", file: "a.vmdk", sizeBytes: 40_000 },
    ]);
    expect(counts).toMatchObject({ deleted: 1, leftoversDeleted: 1, deletedFiles: 2, deletedBytes: 80_000 });
    expect(await filesIn(directory)).toEqual([
      ".carrel-mirror.json",
      join("debian", "mine.txt"),
      "mine.txt",
      join("ubuntu", "b.vmdk"),
    ]);
    expect((await mirror({ delete: true, dryRun: true })).plan).toMatchObject({ items: [], deletions: [] });
  });

  test("is kept and reported where it was modified locally", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    await writeFile(join(directory, "debian", "debian.iso"), "something else");
    simulator.inventory.item("Images/debian").remove();
    const { kept, counts } = await mirror({ delete: true });
    expect(kept).toMatchObject([{ item: "debian", file: "debian.iso" }]);
    expect(counts).toMatchObject({ deleted: 1, deletedFiles: 0 });
    expect(await filesIn(join(directory, "debian"))).toEqual(["debian.iso"]);
  });

  test("is not deleted where the library shows nothing at all", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    for (const item of simulator.inventory.library("Images").items) item.remove();
    await expect(mirror({ delete: true })).rejects.toMatchObject({ problem: "library-empty", path: directory });
    expect(await filesIn(directory)).toHaveLength(4);
  });

  test("never leads a deletion out of the directory", async ({ simulate, directory }) => {
    const { mirror } = await simulate({ libraries });
    await mirror();
    const path = join(directory, ".carrel-mirror.items", "x.json");
    const digest = { algorithm: "sha256", hex: "" };
    const files = [{ name: "../victim", sizeBytes: 4, verifiedBy: "length", digest }];
    const item = { id: "x", name: "x", directory: "..", contentVersion: "1", files };
    await writeFile(path, JSON.stringify({ format: 1, item }));
    await expect(mirror({ delete: true })).rejects.toMatchObject({ problem: "record", path });
  });
});

describe("items that are renamed", () => {
  test("keep their content, also where they swap names", async ({ simulate, directory }) => {
    const { simulator, mirror, watch } = await simulate({ libraries });
    const library = simulator.inventory.library("Images");
    await mirror();
    rename(library, { debian: "debian-13" });
    const { events } = await watch();
    expect(events.filter(({ type }) => type === "moved")).toMatchObject([
      { item: "debian-13", from: "debian", to: "debian-13" },
    ]);
    await expectMirrored(directory, simulator);

    rename(library, { "debian-13": "ubuntu", ubuntu: "debian-13" });
    expect((await mirror()).counts).toMatchObject({ inPlace: 2, renamed: 2, unchanged: 0, receivedBytes: 0 });
    expect(await filesIn(directory)).toEqual([
      ".carrel-mirror.json",
      join("debian-13", "a.vmdk"),
      join("debian-13", "b.vmdk"),
      join("ubuntu", "debian.iso"),
    ]);
    expect(transferred(simulator)).toHaveLength(3);
  });

  test("do not replace what has their new name", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    await writeFile(join(directory, "debian-13"), "mine");
    rename(simulator.inventory.library("Images"), { debian: "debian-13" });
    expect(await problemsOf(mirror())).toEqual({ "debian-13": "name-exists" });
    expect(await filesIn(directory)).toContain(join("debian", "debian.iso"));
  });

  test("and the new item of the old name do not get in each other's way", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    rename(simulator.inventory.library("Images"), { debian: "debian-12" });
    simulator.inventory.library("Images").addItem(imageOf("debian", "new.iso"));
    expect((await mirror()).counts).toMatchObject({ inPlace: 3, new: 1, renamed: 1, unchanged: 1 });
    expect(await filesIn(directory)).toContain(join("debian", "new.iso"));
    expect(await filesIn(directory)).toContain(join("debian-12", "debian.iso"));
  });
});

test("an item that is deleted and created again takes over its directory", async ({ simulate, directory }) => {
  const { simulator, mirror } = await simulate({ libraries });
  await mirror();
  simulator.inventory.item("Images/debian").remove();
  simulator.inventory.library("Images").addItem({ name: "debian", files: [{ name: "debian.iso", text: "new" }] });
  expect((await mirror()).counts).toMatchObject({ changed: 1, unchanged: 1 });
  await expectMirrored(directory, simulator);
});

describe("names", () => {
  test("of items that no directory can have give way to the id", async ({ simulate, directory }) => {
    const names = ["../evil", "con", ".hidden", "a/b", "trailing."];
    const items = names.map((name) => ({ name, files: [{ name: "f", text: name }] }));
    const { simulator, mirror } = await simulate({ libraries: [{ name: "Images", items }] });
    await mirror();
    const ids = simulator.inventory.library("Images").items.map(({ id }) => id);
    expect(await filesIn(directory)).toEqual([".carrel-mirror.json", ...ids.map((id) => join(id, "f"))].toSorted());
  });

  test("that some systems treat as one are refused; the others are mirrored", async ({ simulate, directory }) => {
    const items = [imageOf("Debian", "a.iso"), imageOf("debian", "b.iso"), imageOf("ubuntu", "c.iso")];
    const { mirror } = await simulate({ libraries: [{ name: "Images", items }] });
    expect(await problemsOf(mirror())).toEqual({ Debian: "name-clash", debian: "name-clash" });
    expect(await filesIn(directory)).toEqual([".carrel-mirror.json", join("ubuntu", "c.iso")]);
  });
});

test("a VM template is left out", async ({ simulate }) => {
  const items = [imageOf("debian", "debian.iso"), { name: "golden", type: "vm-template" }];
  const { mirror } = await simulate({ libraries: [{ name: "Images", items }] });
  const { plan, counts } = await mirror();
  expect(plan.templates).toMatchObject([{ item: "golden" }]);
  expect(counts).toMatchObject({ inPlace: 1, templates: 1 });
});

describe("an item that changes on the server between the plan and the session", () => {
  const twoFiles = [{ name: "Images", items: [imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];

  test("is mirrored in the version that the session has", async ({ simulate, directory }) => {
    const { simulator, before, mirror } = await simulate({ libraries: twoFiles });
    const item = simulator.inventory.item("Images/ubuntu");
    before("downloadSession.create", () => void item.putFile({ name: "a.vmdk", text: "later" }));
    await mirror();
    await expectMirrored(directory, simulator);
    expect((await mirror()).counts).toMatchObject({ unchanged: 1 });
  });

  test("is not mixed from two versions", async ({ simulate, directory }) => {
    const { simulator, before, mirror } = await simulate({ libraries: twoFiles, report: { itemChecksum: true } });
    await mirror();
    const item = simulator.inventory.item("Images/ubuntu");
    item.putFile({ name: "a.vmdk", text: "second" });
    before("downloadSession.create", () => void item.putFile({ name: "b.vmdk", text: "third" }));
    expect(await problemsOf(mirror())).toEqual({ ubuntu: "changed" });
    expect((await readFile(join(directory, "ubuntu", "a.vmdk"))).length).toBe(40_000);
    await mirror();
    await expectMirrored(directory, simulator);
  });
});
