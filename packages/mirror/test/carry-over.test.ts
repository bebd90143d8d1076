import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { readMirrorRecord, readMirrorStatus } from "../src/index.ts";
import { expectMirrored, imageOf, recordsIn, test } from "./support/fixture.ts";
import { headOf, toOldForm } from "./support/old-record.ts";

const libraries = [{ name: "Images", items: [imageOf("debian", "debian.iso"), imageOf("ubuntu", "a.vmdk", "b.vmdk")] }];

describe("a record of an earlier version", () => {
  test("is read, and carried over by the first change", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    const before = await readMirrorRecord(directory);
    const status = await readMirrorStatus(directory);
    const old = await toOldForm(directory);
    expect(await readMirrorRecord(directory)).toEqual(before);
    expect(await readMirrorStatus(directory)).toEqual(status);
    await mirror({ dryRun: true });
    expect(await readFile(join(directory, ".carrel-mirror.json"), "utf8")).toBe(old);
    expect(await readdir(directory)).not.toContain(".carrel-mirror.items");

    expect((await mirror()).counts).toMatchObject({ unchanged: 2, receivedBytes: 0 });
    expect(await headOf(directory)).toMatchObject({ format: 2 });
    expect(await headOf(directory)).not.toHaveProperty("items");
    expect((await readMirrorRecord(directory))?.items).toEqual(before?.items);
    const ids = simulator.inventory.library("Images").items.map(({ id }) => `${id}.json`);
    expect((await readdir(join(directory, ".carrel-mirror.items"))).toSorted()).toEqual(ids.toSorted());
    await expectMirrored(directory, simulator);
  });
});

describe("records of items", () => {
  test("change alone: a run writes those of the items that changed, and the mirror's", async ({
    simulate,
    directory,
  }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    const texts = async (): Promise<ReadonlyMap<string, string>> =>
      new Map(
        await Promise.all(
          (await recordsIn(directory)).map(async (path) => [path, await readFile(path, "utf8")] as const),
        ),
      );
    const before = await texts();
    const { id } = simulator.inventory.item("Images/debian");
    simulator.inventory.item("Images/debian").putFile({ name: "debian.iso", text: "new" });
    await mirror();
    const changed = [...(await texts())].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
    expect(changed).toEqual([
      join(directory, ".carrel-mirror.json"),
      join(directory, ".carrel-mirror.items", `${id}.json`),
    ]);
  });

  test("that an item left behind when another took its place go, also where the run was killed before", async ({
    simulate,
    directory,
  }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    const records = join(directory, ".carrel-mirror.items");
    const { id } = simulator.inventory.item("Images/debian");
    const old = { ...((await readMirrorRecord(directory))?.items ?? []).find((item) => item.id === id), id: "old-1" };
    await writeFile(join(records, "old-1.json"), JSON.stringify({ format: 1, item: old }));
    const path = join(records, `${id}.json`);
    const text = JSON.parse(await readFile(path, "utf8")) as object;
    await writeFile(path, JSON.stringify({ ...text, replaces: ["old-1"] }));
    expect((await readMirrorRecord(directory))?.items.map((item) => item.id)).not.toContain("old-1");
    expect((await mirror({ delete: true })).counts).toMatchObject({ deleted: 0, unchanged: 2 });
    expect(await readdir(records)).not.toContain("old-1.json");
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual(text);
    await expectMirrored(directory, simulator);
  });

  test("of a mirror whose own record is gone are nobody's, and make way for a new one", async ({
    simulate,
    directory,
  }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    await writeFile(join(directory, ".carrel-mirror.items", "x.json"), "{");
    await rm(join(directory, ".carrel-mirror.json"));
    await mirror();
    expect(await readdir(join(directory, ".carrel-mirror.items"))).toHaveLength(2);
    await expectMirrored(directory, simulator);
  });

  test("that somebody copied are ignored, and one that is damaged is refused", async ({ simulate, directory }) => {
    const { simulator, mirror } = await simulate({ libraries });
    await mirror();
    const [, record = ""] = await recordsIn(directory);
    const copy = join(directory, ".carrel-mirror.items", "copy.json");
    await writeFile(copy, await readFile(record, "utf8"));
    expect((await readMirrorRecord(directory))?.items).toHaveLength(2);
    await writeFile(record, "{");
    await expect(mirror()).rejects.toMatchObject({ problem: "record", path: record });
    expect(simulator.openSessions).toEqual([]);
  });
});
