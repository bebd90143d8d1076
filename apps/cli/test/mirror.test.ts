import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { filesIn, test } from "./support/fixture.ts";
import { eventsOf, expectMirrored, imageOf, transferred } from "./support/mirrored.ts";

const images = [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")];
const libraries = [{ name: "Images", items: images }];

describe("carrel mirror", () => {
  test("prints a line for each item and sums up; a second run has nothing to do", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const first = await run(["mirror", "images", folder]);
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toMatch(/^new +39\.1 KiB +1 file {2}all verified by checksum {2}debian$/mu);
    expect(first.stdout).toMatch(/^new +78\.1 KiB +2 files {2}all verified by checksum {2}ubuntu$/mu);
    expect(first.stdout).toMatch(/^2 of 2 items in place: 2 new, 0 unchanged; 117\.2 KiB received in [\d.]+ s\.$/mu);
    await expectMirrored(folder, simulator);

    const second = await run(["mirror", "Images", folder]);
    expect(second.stdout).toMatch(/^2 of 2 items in place: 2 unchanged; 0 B received in [\d.]+ s\.\n$/u);
    expect(await run(["mirror", "Images", folder, "--quiet"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });

  test("prints what changed, was completed, renamed and left out", async ({ simulate, folder }) => {
    const items = [...images, imageOf("fedora", "f.iso"), { name: "golden", type: "vm-template" }];
    const { simulator, run } = await simulate({ libraries: [{ name: "Images", items }] });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    simulator.inventory.item("Images/ubuntu").putFile({ name: "b.vmdk", text: "another" });
    await rm(join(folder, "debian", "debian.iso"));
    const { id } = simulator.inventory.item("Images/fedora");
    simulator.inventory.item("Images/fedora").remove();
    simulator.inventory.library("Images").addItem({ ...imageOf("fedora", "f.iso"), id, name: "fedora-44" });

    const { exitCode, stdout } = await run(["mirror", "Images", folder]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^changed .* ubuntu$/mu);
    expect(stdout).toMatch(/^completed .* debian$/mu);
    expect(stdout).toMatch(/^renamed .* fedora-44$/mu);
    expect(stdout).toContain(
      "3 of 3 items in place: 1 changed, 1 completed, 1 renamed, 0 unchanged, 1 VM template left out",
    );
  });

  test("prints what no longer exists on the server, and with --delete what it deleted", async ({
    simulate,
    folder,
  }) => {
    const { simulator, run } = await simulate({ libraries });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    simulator.inventory.item("Images/debian").remove();
    simulator.inventory.item("Images/ubuntu").removeFile("a.vmdk");
    simulator.inventory.item("Images/ubuntu").removeFile("b.vmdk");
    simulator.inventory.item("Images/ubuntu").putFile({ name: "c.vmdk", text: "c" });
    await writeFile(join(folder, "ubuntu", "b.vmdk"), "modified");

    const kept = await run(["mirror", "Images", folder]);
    expect(kept).toMatchObject({ exitCode: 0, stderr: "" });
    expect(kept.stdout).toContain("1 gone and kept (--delete deletes), 2 leftover files kept (--delete deletes)");

    const deleted = await run(["mirror", "Images", folder, "--delete"]);
    expect(deleted).toMatchObject({ exitCode: 0, stderr: "" });
    expect(deleted.stdout).toMatch(/^deleted +39\.1 KiB +1 file +debian$/mu);
    expect(deleted.stdout).toMatch(/^deleted +39\.1 KiB +1 file +ubuntu\/a\.vmdk$/mu);
    expect(deleted.stdout).toMatch(/^kept .* ubuntu\/b\.vmdk {2}\(modified locally, no longer managed by mirror\)$/mu);
    expect(deleted.stdout).toContain("1 deleted, 1 leftover file deleted");
    expect(await filesIn(folder)).toEqual([".carrel-mirror.json", join("ubuntu", "b.vmdk"), join("ubuntu", "c.vmdk")]);
  });

  test("keeps what get downloaded, where the server states checksums", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries, report: { itemChecksum: true } });
    expect(await run(["get", "Images/*", "-o", folder])).toMatchObject({ exitCode: 0 });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0, stderr: "" });
    expect(transferred(simulator)).toHaveLength(3);
    await expectMirrored(folder, simulator);
  });

  test("says which items are not in place, why, and what to do", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    await mkdir(join(folder, "debian"));
    await writeFile(join(folder, "debian", "debian.iso"), "mine");
    const { exitCode, stderr, stdout } = await run(["mirror", "Images", folder]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      `carrel: "debian": Cannot replace "${join(folder, "debian", "debian.iso")}": the mirror did not create it, and it differs ` +
        `from the file on the server\n  Move or remove it.\ncarrel: Not mirrored: "debian"\n`,
    );
    expect(stdout).toContain("1 of 2 items in place");
  });

  test("says which items are not deleted", async ({ simulate, folder }) => {
    const { simulator, run } = await simulate({ libraries });
    const [root, elsewhere] = [join(folder, "mirror"), join(folder, "elsewhere")];
    expect(await run(["mirror", "Images", root])).toMatchObject({ exitCode: 0 });
    await mkdir(elsewhere);
    await rm(join(root, "ubuntu"), { recursive: true });
    await symlink(elsewhere, join(root, "ubuntu"), "junction");
    simulator.inventory.item("Images/ubuntu").remove();
    const { exitCode, stderr } = await run(["mirror", "Images", root, "--delete"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("which no longer exists on the server: it is a symbolic link\n  Nothing was deleted.");
    expect(stderr).toContain('carrel: Not deleted: "ubuntu"\n');
  });

  test("refuses a directory that is not a mirror of the library", async ({ simulate, folder }) => {
    const other = { name: "Other", items: [imageOf("other", "other.iso")] };
    const { simulator, run } = await simulate({ libraries: [...libraries, other] });
    expect(await run(["mirror", "Images", folder])).toMatchObject({ exitCode: 0 });
    const { exitCode, stderr } = await run(["mirror", "Other", folder, "--delete"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('mirrors another library: "Images"');
    expect(stderr).toContain(`Or move ${join(folder, ".carrel-mirror.json")} away`);
    await expectMirrored(folder, simulator);

    await writeFile(join(folder, ".carrel-mirror.json"), "{");
    const unreadable = await run(["mirror", "Images", folder]);
    expect(unreadable).toMatchObject({ exitCode: 1, stdout: "" });
    expect(unreadable.stderr).toContain("Cannot parse the mirror's record");
    expect(unreadable.stderr).toContain("  Move it away: existing files are then compared");
  });

  test("refuses what is not a library, and flags that are malformed", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    expect(await run(["mirror", "Imagse", folder])).toMatchObject({ exitCode: 4 });
    expect(await run(["mirror", "Images/debian", folder])).toMatchObject({ exitCode: 2 });
    expect(await run(["mirror", "Images", folder, "--concurrency", "0"])).toMatchObject({ exitCode: 2 });
    expect(await filesIn(folder)).toEqual([]);
  });

  test("and get say that a directory cannot be created, and do not wait for it", async ({ simulate }) => {
    const { run } = await simulate({ libraries });
    for (const args of [
      ["mirror", "Images", "/proc/carrel-test"],
      ["get", "Images/debian", "-o", "/proc/carrel-test"],
    ]) {
      const { exitCode, stderr } = await run(args);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('Cannot create directory "/proc/carrel-test"');
    }
  });
});

describe("carrel mirror --dry-run", () => {
  test("prints the plan, and touches nothing", async ({ simulate, folder }) => {
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
    simulator.inventory.item("Images/ubuntu").removeFile("a.vmdk");
    const kept = await run(["mirror", "Images", root, "--dry-run"]);
    expect(kept.stdout).toMatch(/^kept +debian {2}\(gone; --delete deletes it\)$/mu);
    const deleted = await run(["mirror", "Images", root, "--dry-run", "--delete"]);
    expect(deleted.stdout).toMatch(
      /^delete +39\.1 KiB {2}debian {2}\(1 file\)\ndelete +39\.1 KiB {2}ubuntu\/a\.vmdk\n/u,
    );
    const json = await run(["mirror", "Images", root, "--dry-run", "--delete", "--json"]);
    expect(json.exitCode).toBe(1);
    expect(eventsOf(json.stdout)).toMatchObject([
      { type: "planned", action: "delete", item: "debian", directory: "debian", files: 1 },
      { type: "planned", action: "delete", item: "ubuntu", file: "a.vmdk", sizeBytes: 40_000 },
      { type: "planned", action: "changed", item: "ubuntu", sizeBytes: 40_000 },
      { type: "done", dryRun: true, allInPlace: false, toDo: 3, unchanged: 0 },
    ]);
    expect(await filesIn(join(root, "debian"))).toEqual(["debian.iso"]);
  });

  test("prints what would fail, and ends as a run would", async ({ simulate, folder }) => {
    const items = [imageOf("twin", "a.iso"), imageOf("Twin", "a.iso")];
    const { run } = await simulate({ libraries: [{ name: "Images", items }] });
    const dry = await run(["mirror", "Images", folder, "--dry-run"]);
    expect(dry.exitCode).toBe(1);
    expect(dry.stdout).toBe("0 to do, 0 unchanged, 2 would fail. Nothing was changed.\n");
    expect(dry.stderr).toMatch(/^carrel: "twin": Items "twin" \(.+\) and "Twin" \(.+\) would share one directory/u);
    expect((await run(["mirror", "Images", folder])).exitCode).toBe(dry.exitCode);
    // Nothing but the record, which counts the runs that failed.
    expect(await filesIn(folder)).toEqual([".carrel-mirror.json"]);
  });
});

describe("carrel mirror --verify", () => {
  test("says which file was modified locally, and how much was read", async ({ simulate, folder }) => {
    const { run } = await simulate({ libraries });
    expect(await run(["mirror", "Images", folder, "--verify"])).toMatchObject({ exitCode: 0 });
    const quiet = await run(["mirror", "Images", folder, "--verify", "--quiet"]);
    expect(quiet).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    const path = join(folder, "ubuntu", "b.vmdk");
    const bytes = await readFile(path);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    await writeFile(path, bytes);

    const note = `carrel: "ubuntu": ${path} is not what mirror put there: its content was modified locally\n`;
    const dry = await run(["mirror", "Images", folder, "--verify", "--dry-run"]);
    expect(dry).toMatchObject({ exitCode: 1, stderr: note });
    expect(dry.stdout).toMatch(/^incomplete .* ubuntu$/mu);
    expect(dry.stdout).toContain("3 files read (117.2 KiB), 1 of them modified locally");

    const json = await run(["mirror", "Images", folder, "--verify", "--json"]);
    expect(json).toMatchObject({ exitCode: 0, stderr: note });
    expect(eventsOf(json.stdout)).toMatchObject([
      { type: "differs", item: "ubuntu", directory: "ubuntu", file: "b.vmdk", sizeBytes: 40_000 },
      { type: "skipped", file: "a.vmdk" },
      { type: "finished", file: "b.vmdk", path },
      { type: "mirrored", action: "incomplete", item: "ubuntu" },
      { type: "done", allInPlace: true, verified: { files: 3, bytes: 120_000, differing: 1 } },
      { type: "summary", items: 2, inPlace: 2, complete: true },
    ]);
  });
});

test("carrel mirror --json prints what was done, one object a line", async ({ simulate, folder }) => {
  const { simulator, run } = await simulate({ libraries });
  const { exitCode, stdout, stderr } = await run(["mirror", "Images", folder, "--json", "--concurrency", "1"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const { id } = simulator.inventory.item("Images/ubuntu");
  expect(eventsOf(stdout)).toMatchObject([
    { type: "finished", item: "debian", file: "debian.iso", path: join(folder, "debian", "debian.iso") },
    { type: "mirrored", action: "new", item: "debian", files: 1, sizeBytes: 40_000 },
    { type: "finished", item: "ubuntu", itemId: id, file: "a.vmdk", sizeBytes: 40_000, verifiedBy: "checksum" },
    { type: "finished", item: "ubuntu", itemId: id, file: "b.vmdk" },
    { type: "mirrored", action: "new", item: "ubuntu", itemId: id, directory: "ubuntu", files: 2, contentVersion: 1 },
    { type: "done", allInPlace: true, inPlace: 2, new: 2, unchanged: 0, failed: 0, receivedBytes: 120_000 },
    { type: "summary", items: 2, inPlace: 2, failed: 0, interrupted: 0, notBegun: 0, keptBytes: 0, complete: true },
  ]);
});
