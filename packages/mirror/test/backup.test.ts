// What is kept of what a mirror deletes or replaces, and for how long.
import { execFile } from "node:child_process";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { tempDirectory } from "@carrel/test-kit";
import { describe, expect } from "vitest";
import { expectMirrored, filesIn, imageOf, recordsIn, test } from "./support/fixture.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];
const succeeds = (command: string, args: readonly string[]): Promise<boolean> =>
  promisify(execFile)(command, args).then(
    () => true,
    () => false,
  );
const dayMs = 86_400_000;
const stamp = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(?:-\d+)?$/u;

/** Makes what is gone in the record longer gone. */
async function age(directory: string, days: number): Promise<void> {
  const earlier = new Date(Date.now() - days * dayMs).toISOString();
  for (const path of await recordsIn(directory)) {
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replaceAll(/"goneSince":"[^"]+"/gu, `"goneSince":"${earlier}"`));
  }
}

describe("mirrorLibrary with backupDirectory", () => {
  test("keeps what it replaces and what it deletes, as it was", async ({ simulate, directory }) => {
    await using backups = await tempDirectory();
    const { simulator, mirror } = await simulate({ libraries });
    const options = { delete: true, backupDirectory: join(backups.path, "before") };
    expect((await mirror(options)).backup).toBeUndefined();
    expect(await readdir(backups.path)).toEqual([]);
    const before = new Map<string, Buffer>();
    for (const path of (await filesIn(directory)).filter((name) => !name.startsWith("."))) {
      before.set(path, await readFile(join(directory, path)));
    }
    simulator.inventory.item("Images/debian").remove();
    simulator.inventory.item("Images/ubuntu").putFile({ name: "a.vmdk", sizeBytes: 50_000, seed: "new" });
    simulator.inventory.item("Images/ubuntu").removeFile("b.vmdk");
    const { backup, counts } = await mirror(options);
    expect(counts).toMatchObject({ deleted: 1, leftoversDeleted: 1, changed: 1 });
    await expectMirrored(directory, simulator);
    const [name = "", ...others] = await readdir(options.backupDirectory);
    expect([name, others]).toEqual([expect.stringMatching(stamp), []]);
    const kept = join(options.backupDirectory, name);
    expect(backup).toEqual({ directory: kept, files: 3, sizeBytes: 120_000 });
    expect(await filesIn(kept)).toEqual([...before.keys()].toSorted());
    for (const [path, bytes] of before) expect((await readFile(join(kept, path))).equals(bytes)).toBe(true);
  });

  test("may be inside the mirror where its name begins with a dot", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    simulator.inventory.item("Images/debian").remove();
    await mirror({ delete: true, backupDirectory: join(directory, ".before") });
    await mirror({ delete: true, verify: true });
    expect(await filesIn(join(directory, ".before"))).toEqual([expect.stringMatching(/^[^/]+\/debian\/debian\.iso$/u)]);
    for (const wrong of ["", "before", ".carrel-mirror.incoming", "ubuntu/.before"]) {
      expect(() => mirror({ backupDirectory: join(directory, wrong) })).toThrow(TypeError);
    }
  });

  test("runs of the same second have directories of their own", async ({ simulate, directory }) => {
    await using backups = await tempDirectory();
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    for (const seed of ["one", "two", "three"]) {
      simulator.inventory.item("Images/debian").putFile({ name: "debian.iso", sizeBytes: 40_000, seed });
      await mirror({ backupDirectory: backups.path });
    }
    const names = await readdir(backups.path);
    expect(names).toHaveLength(3);
    for (const name of names) expect(name).toMatch(stamp);
    expect(await filesIn(directory)).toHaveLength(4);
  });

  test("an item of which the old files cannot be kept stays as it was", async ({ simulate, directory }) => {
    await using backups = await tempDirectory();
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    const path = join(directory, "debian", "debian.iso");
    const before = await readFile(path);
    await writeFile(join(backups.path, "file"), "in the way");
    simulator.inventory.item("Images/debian").putFile({ name: "debian.iso", sizeBytes: 40_000, seed: "new" });
    simulator.inventory.item("Images/ubuntu").remove();
    const run = mirror({ delete: true, backupDirectory: join(backups.path, "file", "below") });
    await expect(run).rejects.toMatchObject({
      problem: "incomplete",
      report: { failed: [{ item: "debian" }], notDeleted: [{ item: "ubuntu" }] },
    });
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(await filesIn(join(directory, "ubuntu"))).toEqual(["a.vmdk", "b.vmdk"]);
    await mirror({ delete: true, backupDirectory: join(backups.path, "good") });
    await expectMirrored(directory, simulator);
  });

  test.runIf(process.platform === "linux" && process.getuid?.() === 0)(
    "on another file system copies, and a full one changes nothing",
    async ({ simulate, directory }) => {
      await using backups = await tempDirectory();
      // A container without the right to mount cannot try this.
      if (!(await succeeds("mount", ["-t", "tmpfs", "-o", "size=100k", "carrel-test", backups.path]))) return;
      await using _ = { [Symbol.asyncDispose]: async () => void (await succeeds("umount", [backups.path])) };
      const { simulator, mirror } = await simulate({ libraries });
      await mirror();
      const old = await readFile(join(directory, "debian", "debian.iso"));
      simulator.inventory.item("Images/debian").remove();
      const options = { delete: true, backupDirectory: backups.path };
      const { backup } = await mirror(options);
      expect(backup).toMatchObject({ files: 1, sizeBytes: 40_000 });
      const copy = join(backup?.directory ?? "", "debian", "debian.iso");
      expect((await readFile(copy)).equals(old)).toBe(true);
      expect((await stat(copy)).nlink).toBe(1);
      // Room for one more of the two.
      simulator.inventory.item("Images/ubuntu").remove();
      simulator.inventory.library("Images").addItem(imageOf("fedora", "f.iso"));
      await expect(mirror(options)).rejects.toMatchObject({ report: { notDeleted: [{ item: "ubuntu" }] } });
      const left = (await filesIn(join(directory, "ubuntu"))).length;
      const keptNames = (await filesIn(backups.path)).filter((name) => name.includes("ubuntu"));
      expect(left + keptNames.length).toBe(2);
      expect((await filesIn(backups.path)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    },
  );
});

describe("mirrorLibrary with deleteAfterMs", () => {
  const later = { delete: true, deleteAfterMs: 7 * dayMs };

  test("deletes an item only after it has been gone for that long", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror(later);
    const { id } = simulator.inventory.item("Images/debian");
    simulator.inventory.item("Images/debian").remove();
    expect((await mirror({ ...later, maxDelete: 0 })).counts).toMatchObject({ deleted: 0, awaitingDeletion: 1 });
    await age(directory, 6);
    const planned = await mirror({ ...later, dryRun: true });
    expect(planned.plan.deletions).toEqual([
      { action: "kept", item: "debian", itemId: id, directory: "debian", deletableAt: expect.any(Number) as number },
    ]);
    const inOneDay = (planned.plan.deletions?.[0]?.deletableAt ?? 0) - Date.now();
    expect(Math.abs(inOneDay - dayMs)).toBeLessThan(60_000);
    expect((await mirror(later)).counts).toMatchObject({ deleted: 0, awaitingDeletion: 1 });
    await age(directory, 8);
    await expect(mirror({ ...later, maxDelete: 0 })).rejects.toMatchObject({ problem: "too-many-deletions" });
    expect((await mirror(later)).counts).toMatchObject({ deleted: 1, awaitingDeletion: 0 });
    await expectMirrored(directory, simulator);
  });

  test("counts from the first run that did not see it, also one that does not delete", async ({
    simulate,
    directory,
  }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    simulator.inventory.item("Images/debian").remove();
    await mirror();
    await age(directory, 8);
    await mirror();
    expect((await mirror(later)).counts).toMatchObject({ deleted: 1 });
  });

  test("starts over for an item that was back meanwhile", async ({ simulate, directory }) => {
    const { client, simulator, libraryId, mirror } = await simulate({ libraries });
    await mirror();
    const { id } = simulator.inventory.item("Images/debian");
    const list = client.item.list.bind(client.item);
    let isHidden = true;
    Object.defineProperty(client.item, "list", {
      value: async (...args: Parameters<typeof list>) =>
        (await list(...args)).filter((each) => !isHidden || each !== id),
    });
    expect(libraryId).not.toBe(id);
    await mirror(later);
    await age(directory, 8);
    isHidden = false;
    await mirror(later);
    for (const path of await recordsIn(directory)) expect(await readFile(path, "utf8")).not.toContain("goneSince");
    isHidden = true;
    expect((await mirror(later)).counts).toMatchObject({ deleted: 0, awaitingDeletion: 1 });
  });

  test("deletes a file that its item no longer has only after that time", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror(later);
    const ubuntu = simulator.inventory.item("Images/ubuntu");
    ubuntu.removeFile("b.vmdk");
    expect((await mirror(later)).counts).toMatchObject({ leftoversDeleted: 0, leftoversAwaitingDeletion: 1 });
    await age(directory, 6);
    ubuntu.putFile({ name: "a.vmdk", sizeBytes: 40_000, seed: "new" });
    expect((await mirror(later)).counts).toMatchObject({ leftoversDeleted: 0, leftoversAwaitingDeletion: 1 });
    await age(directory, 8);
    expect((await mirror(later)).counts).toMatchObject({ leftoversDeleted: 1, leftoversAwaitingDeletion: 0 });
    await expectMirrored(directory, simulator);
  });

  test.for([-1, Number.NaN, Infinity])("%d is a RangeError", async (deleteAfterMs, { simulate }) => {
    const { mirror } = await simulate({ libraries });
    expect(() => mirror({ delete: true, deleteAfterMs })).toThrow(RangeError);
  });
});
