import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { InventoryLibrary, ItemSeed } from "@carrel/simulator";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { expectMirrored, imageOf, transferred } from "./support/mirrored.ts";

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

describe("what is gone on the server", () => {
  test("stays until --delete; what mirror did not put there stays for ever", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    await writeFile(join(folder, "debian", "mine.txt"), "mine");
    await writeFile(join(folder, "mine.txt"), "mine");
    simulator.inventory.item("Images/debian").remove();
    simulator.inventory.item("Images/ubuntu").removeFile("a.vmdk");

    const kept = await run(["mirror", "Images", folder]);
    expect(kept).toMatchObject({ exitCode: 0, stderr: "" });
    expect(kept.stdout).toContain("1 gone and kept (--delete deletes)");
    expect(await filesIn(folder)).toContain(join("debian", "debian.iso"));
    expect(await filesIn(folder)).toContain(join("ubuntu", "a.vmdk"));
    expect(await run(["mirror", "Images", folder, "--dry-run"])).toMatchObject({ exitCode: 0 });

    const deleted = await run(["mirror", "Images", folder, "--delete"]);
    expect(deleted).toMatchObject({ exitCode: 0, stderr: "" });
    expect(deleted.stdout).toMatch(/^deleted +39\.1 KiB +1 file +debian$/mu);
    expect(deleted.stdout).toMatch(/^deleted +39\.1 KiB +1 file +ubuntu\/a\.vmdk$/mu);
    expect(await filesIn(folder)).toEqual([
      ".carrel-mirror.json",
      join("debian", "mine.txt"),
      "mine.txt",
      join("ubuntu", "b.vmdk"),
    ]);
    expect(await run(["mirror", "Images", folder, "--delete", "--dry-run"])).toMatchObject({ exitCode: 0 });
  });

  test("is left where it was changed here", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    await writeFile(join(folder, "debian", "debian.iso"), "something else");
    simulator.inventory.item("Images/debian").remove();
    expect(await run(["mirror", "Images", folder, "--delete"])).toMatchObject({ exitCode: 0 });
    expect(await filesIn(join(folder, "debian"))).toEqual(["debian.iso"]);
  });

  test("is not deleted where the library shows nothing at all", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    for (const item of simulator.inventory.library("Images").items) item.remove();
    const { exitCode, stderr } = await run(["mirror", "Images", folder, "--delete"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Nothing was deleted");
    expect(await filesIn(folder)).toHaveLength(4);
  });

  test("never leads a deletion out of the folder", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const root = join(folder, "mirror");
    expect(await run(["mirror", "Images", root])).toMatchObject({ exitCode: 0 });
    await writeFile(join(folder, "victim"), "mine");
    const path = join(root, ".carrel-mirror.json");
    const manifest = JSON.parse(await readFile(path, "utf8")) as { items: object[] };
    const digest = { algorithm: "sha256", hex: "" };
    const files = [{ name: "../victim", sizeBytes: 4, verifiedBy: "length", digest }];
    manifest.items.push({ id: "x", name: "x", directory: "..", contentVersion: "1", files });
    await writeFile(path, JSON.stringify(manifest));
    expect(await run(["mirror", "Images", root, "--delete"])).toMatchObject({ exitCode: 1 });
    expect(await filesIn(folder)).toContain("victim");
  });
});

describe("items that are renamed", () => {
  test("keep their content, also where they swap names", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const library = simulator.inventory.library("Images");
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    rename(library, { debian: "debian-13" });
    expect((await run(["mirror", "Images", folder])).stdout).toContain("1 renamed");
    await expectMirrored(folder, simulator);

    rename(library, { "debian-13": "ubuntu", ubuntu: "debian-13" });
    const swapped = await run(["mirror", "Images", folder]);
    expect(swapped.stdout).toContain("2 of 2 items in place: 2 renamed, 0 unchanged; 0 B received");
    expect(await filesIn(folder)).toEqual([
      ".carrel-mirror.json",
      join("debian-13", "a.vmdk"),
      join("debian-13", "b.vmdk"),
      join("ubuntu", "debian.iso"),
    ]);
    expect(transferred(simulator)).toHaveLength(3);
  });

  test("do not push aside what is in their way", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    await writeFile(join(folder, "debian-13"), "mine");
    rename(simulator.inventory.library("Images"), { debian: "debian-13" });
    const { exitCode, stderr } = await run(["mirror", "Images", folder]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Cannot rename directory "debian" to "debian-13": something else has that name');
    expect(await filesIn(folder)).toContain(join("debian", "debian.iso"));
  });
});

test("an item that is deleted and made anew takes over its folder", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
  simulator.inventory.item("Images/debian").remove();
  simulator.inventory.library("Images").addItem({ name: "debian", files: [{ name: "debian.iso", text: "new" }] });
  const { exitCode, stdout } = await run(["mirror", "Images", folder]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("1 changed, 1 unchanged");
  await expectMirrored(folder, simulator);
});

describe("names", () => {
  test("of items that no folder can have give way to the id", async ({ simulate, folder }) => {
    const names = ["../evil", "con", ".hidden", "a/b", "trailing."];
    const items = names.map((name) => ({ name, files: [{ name: "f", text: name }] }));
    const { simulator, run } = await simulate({ libraries: [{ name: "Images", items }] });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0, stderr: "" });
    const ids = simulator.inventory.library("Images").items.map(({ id }) => id);
    expect(await filesIn(folder)).toEqual([".carrel-mirror.json", ...ids.map((id) => join(id, "f"))].toSorted());
  });

  test("that some systems take for one are refused; the others go on", async ({ simulate, folder }) => {
    const items = [imageOf("Debian", "a.iso"), imageOf("debian", "b.iso"), imageOf("ubuntu", "c.iso")];
    const { run } = await simulate({ libraries: [{ name: "Images", items }] });
    const { exitCode, stderr } = await run(["mirror", "Images", folder]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("would share one directory on some file systems");
    expect(stderr).toContain('Not mirrored: "Debian", "debian"');
    expect(await filesIn(folder)).toEqual([".carrel-mirror.json", join("ubuntu", "c.iso")]);
  });
});

test("a VM template is left out", async ({ simulate, folder }) => {
  const items = [imageOf("debian", "debian.iso"), { name: "golden", type: "vm-template" }];
  const { run } = await simulate({ libraries: [{ name: "Images", items }] });
  const { exitCode, stdout } = await run(["mirror", "Images", folder]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("1 VM template left out");
});
