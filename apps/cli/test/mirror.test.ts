import { mkdir, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { eventsOf, expectMirrored, imageOf, transferred } from "./support/mirrored.ts";

const libraries = [
  { name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] },
  { name: "Other", items: [imageOf("other", "other.iso")] },
];

describe("an up-to-date folder", () => {
  test("is what the first run makes; the second has nothing to do", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const first = await run(["mirror", "images", folder]);
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toMatch(/^new +39\.1 KiB +1 file {2}all verified {2}debian$/mu);
    expect(first.stdout).toMatch(/^new +78\.1 KiB +2 files {2}all verified {2}ubuntu$/mu);
    expect(first.stdout).toMatch(/^2 of 2 items in place: 2 new, 0 unchanged; 117\.2 KiB received in [\d.]+ s\.$/mu);
    await expectMirrored(folder, simulator);

    const before = simulator.journal.length;
    const second = await run(["mirror", "Images", folder]);
    expect(second.stdout).toMatch(/^2 of 2 items in place: 2 unchanged; 0 B received in [\d.]+ s\.\n$/u);
    const asked = simulator.journal.slice(before).map(({ operation }) => operation);
    expect(asked.filter((operation) => operation?.startsWith("item"))).toEqual(["item.list", "item.get", "item.get"]);
    expect(asked.filter((operation) => operation?.startsWith("downloadSession"))).toEqual([]);
    expect(await run(["mirror", "Images", folder, "--quiet"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });

  test("gets only what changed on the server", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries, report: { itemChecksum: true } });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    const debian = await stat(join(folder, "debian", "debian.iso"));
    simulator.inventory.item("Images/ubuntu").putFile({ name: "b.vmdk", sizeBytes: 40_000, seed: "another" });
    simulator.inventory.library("Images").addItem(imageOf("fedora", "fedora.iso"));

    const { exitCode, stdout } = await run(["mirror", "Images", folder]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("3 of 3 items in place");
    expect(stdout).toContain("1 new, 1 changed, 1 unchanged");
    await expectMirrored(folder, simulator);
    // a.vmdk has the checksum that it had.
    expect(transferred(simulator)).toEqual(["a.vmdk", "b.vmdk", "b.vmdk", "debian.iso", "fedora.iso"]);
    expect((await stat(join(folder, "debian", "debian.iso"))).mtimeMs).toBe(debian.mtimeMs);
  });

  test("gets back what was deleted or cut off here", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    await rm(join(folder, "ubuntu", "a.vmdk"));
    await truncate(join(folder, "debian", "debian.iso"), 100);
    const again = await run(["mirror", "Images", folder]);
    expect(again.stdout).toContain("2 completed, 0 unchanged");
    await expectMirrored(folder, simulator);
    expect(transferred(simulator)).toEqual(["a.vmdk", "a.vmdk", "b.vmdk", "debian.iso", "debian.iso"]);

    await rm(join(folder, "debian"), { recursive: true });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    await expectMirrored(folder, simulator);
  });

  test("is made of what is there already, where the server tells checksums", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries, report: { itemChecksum: true } });
    expect(await run(["get", "Images/*", "-o", folder])).toMatchObject({ exitCode: 0 });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0, stderr: "" });
    expect(transferred(simulator)).toHaveLength(3);
    await expectMirrored(folder, simulator);
  });
});

describe("a folder of somebody else's", () => {
  test("file is not replaced, and the others go on", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    await mkdir(join(folder, "debian"));
    await writeFile(join(folder, "debian", "debian.iso"), "mine");
    const { exitCode, stderr, stdout } = await run(["mirror", "Images", folder]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('carrel: "debian": Cannot replace ');
    expect(stderr).toContain('carrel: Not mirrored: "debian"\n');
    expect(stdout).toContain("1 of 2 items in place");
    expect((await stat(join(folder, "debian", "debian.iso"))).size).toBe(4);

    await rm(join(folder, "debian", "debian.iso"));
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    await expectMirrored(folder, simulator);
  });

  test("link is not followed", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    const elsewhere = join(folder, "elsewhere");
    const root = join(folder, "mirror");
    await mkdir(elsewhere);
    await mkdir(root);
    await symlink(elsewhere, join(root, "debian"), "junction");
    const { exitCode, stderr } = await run(["mirror", "Images", root, "--quiet"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("a symbolic link with that name exists");
    expect(await filesIn(elsewhere)).toEqual([]);
  });

  test("mirror of another library is left alone", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    const { exitCode, stderr } = await run(["mirror", "Other", folder, "--delete"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('mirrors another library: "Images"');
    await expectMirrored(folder, simulator);
  });

  test.for(["{", "[]", '{"format":2,"library":{"id":"a","name":"b"},"items":[]}'])(
    "manifest %s is told of",
    async (text, { simulate, folder }) => {
      const { run } = await simulate({ libraries });
      await writeFile(join(folder, ".carrel-mirror.json"), text);
      const { exitCode, stderr } = await run(["mirror", "Images", folder]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("Cannot parse the mirror's record");
    },
  );
});

describe("--dry-run", () => {
  test("shows the plan, and touches nothing", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const root = join(folder, "mirror");
    const plan = await run(["mirror", "Images", root, "--dry-run"]);
    expect(plan).toMatchObject({ exitCode: 1, stderr: "" });
    expect(plan.stdout).toMatch(/^new +39\.1 KiB {2}debian\nnew +78\.1 KiB {2}ubuntu\n2 to do, 0 unchanged\./u);
    expect(await filesIn(folder)).toEqual([]);
    expect(await run(["mirror", "Images", root])).toMatchObject({ exitCode: 0 });
    expect(await run(["mirror", "Images", root, "--dry-run"])).toMatchObject({
      exitCode: 0,
      stdout: "0 to do, 2 unchanged. All is in place.\n",
    });
    simulator.inventory.item("Images/debian").remove();
    const json = await run(["mirror", "Images", root, "--dry-run", "--delete", "--json"]);
    expect(json.exitCode).toBe(1);
    expect(eventsOf(json.stdout)).toMatchObject([
      { type: "planned", action: "delete", item: "debian", directory: "debian" },
      { type: "done", dryRun: true, allInPlace: false, unchanged: 1 },
    ]);
    expect(await filesIn(join(root, "debian"))).toEqual(["debian.iso"]);
  });
});

test("--json tells what was done, one object a line", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  const { exitCode, stdout, stderr } = await run(["mirror", "Images", folder, "--json", "--concurrency", "1"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const { id } = simulator.inventory.item("Images/ubuntu");
  expect(eventsOf(stdout)).toMatchObject([
    { type: "mirrored", action: "new", item: "debian", files: 1, sizeBytes: 40_000 },
    { type: "mirrored", action: "new", item: "ubuntu", itemId: id, directory: "ubuntu", files: 2, contentVersion: "1" },
    { type: "done", allInPlace: true, inPlace: 2, new: 2, unchanged: 0, failed: 0, receivedBytes: 120_000 },
  ]);
});

test("what names no library is told", async ({ simulate, folder }) => {
  const { run } = await simulate({ libraries });
  expect(await run(["mirror", "Imagse", folder])).toMatchObject({ exitCode: 4 });
  expect(await run(["mirror", "Images/debian", folder])).toMatchObject({ exitCode: 2 });
  expect(await run(["mirror", "Images", folder, "--concurrency", "0"])).toMatchObject({ exitCode: 2 });
  expect(await filesIn(folder)).toEqual([]);
});
